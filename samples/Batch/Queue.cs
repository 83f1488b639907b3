using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.Storage.SQLite;

namespace Batch;

/// <summary>Where the queue lies: in a file, for workers of one machine, or in PostgreSQL, for those of many.</summary>
internal static class Queue
{
    // How long a job of a worker that died stays with it. A living one says every few seconds that it is still at work.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15), Poll = TimeSpan.FromSeconds(1);

    public static IGlobalConfiguration UseQueue(this IGlobalConfiguration hangfire, string? storage, string? connection) => storage switch
    {
        null or "sqlite" => hangfire.UseSQLiteStorage(connection ?? "batch.db", new SQLiteStorageOptions { QueuePollInterval = Poll, InvisibilityTimeout = Patience }),
        "postgresql" => hangfire.UsePostgreSqlStorage(
            options => options.UseNpgsqlConnection(connection ?? "Host=127.0.0.1;Database=batch"),
            new PostgreSqlStorageOptions { QueuePollInterval = Poll, InvisibilityTimeout = Patience, UseSlidingInvisibilityTimeout = true }),
        _ => throw new ArgumentException($"--storage is '{storage}'; it must be sqlite or postgresql."),
    };
}
