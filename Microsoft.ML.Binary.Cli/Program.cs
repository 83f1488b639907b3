using Microsoft.ML.Binary.Cli;

return CommandLine.Run(args);
