using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.Storage.SQLite;

namespace Batch;

/// <summary>Where the queue lies: in a file, for workers of one machine, or in PostgreSQL, for those of many.</summary>
internal static class Queue
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>Chooses the queue.</summary>
    /// <param name="hangfire">Hangfire's configuration.</param>
    /// <param name="storage"><c>sqlite</c> or <c>postgresql</c>; null for the former.</param>
    /// <param name="connection">The file, or the connection string; null for <c>batch.db</c>, or the database <c>batch</c> of this machine.</param>
    /// <param name="patience">
    /// How long the job of a worker stays with it before another may take it. In PostgreSQL a worker renews this as long as it lives, so that it may be short (15 s). SQLite's
    /// does not: it must be longer than a shard takes (30 min), else two work on one shard, which is harmless, but no faster.
    /// </param>
    public static IGlobalConfiguration UseQueue(this IGlobalConfiguration hangfire, string? storage, string? connection, TimeSpan? patience) => storage switch
    {
        null or "sqlite" => hangfire.UseSQLiteStorage(
            connection ?? "batch.db", new SQLiteStorageOptions { QueuePollInterval = Poll, InvisibilityTimeout = patience ?? TimeSpan.FromMinutes(30) }),
        "postgresql" => hangfire.UsePostgreSqlStorage(
            options => options.UseNpgsqlConnection(connection ?? "Host=127.0.0.1;Database=batch"),
            new PostgreSqlStorageOptions { QueuePollInterval = Poll, InvisibilityTimeout = patience ?? TimeSpan.FromSeconds(15), UseSlidingInvisibilityTimeout = true }),
        _ => throw new ArgumentException($"--storage is '{storage}'; it must be sqlite or postgresql."),
    };
}
