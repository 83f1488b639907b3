using Microsoft.ML.Binary.Cli;

return CommandLineTool.Run(args);
