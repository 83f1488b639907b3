#!/usr/bin/env bash
# Shows that nothing is lost and nothing repeated when workers are killed, and that memory stays flat:
#
#   samples/Batch/try.sh [COUNT [hangfire-postgresql|hangfire-sqlite|slurm ...]]
#
# makes COUNT small images (2,000), scores them by one run that nobody disturbs, then in shards by each engine, of whose workers two are killed on the way, and
# compares. WORK is the folder for everything (a temporary one, removed at the end, if not given), SOURCES the folder of pictures from which the images are cut, SHARDS 16,
# THREADS of each worker 4.
# Needs, of Debian: postgresql, slurmctld, slurmd, slurm-client, munge; and to be root, as their servers change users. All of them listen on 127.0.0.1 and are stopped at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
repository=$PWD
count=${1:-2000}
shift || true
engines=("$@")
[ $# -gt 0 ] || engines=(hangfire-postgresql hangfire-sqlite slurm)
shards=${SHARDS:-16}
# Images at a time: more than cores, as small results wait for the disk longer than for the processor.
threads=${THREADS:-4}
sources=${SOURCES:-$repository/docs/images}
postgres_port=54329 slurm_port=16817
export DOTNET_NOLOGO=true DOTNET_CLI_TELEMETRY_OPTOUT=true
# The C library may keep eight pools a core of what threads freed, and they fill slowly; two are enough, as most memory is the collector's.
export MALLOC_ARENA_MAX=2

if [ -n "${WORK:-}" ]; then work=$WORK; mkdir -p "$work"; keep=1; else work=$(mktemp -d); keep=; fi
chmod 755 "$work"
servers=()
workers=()
stop() {
    local pid
    for pid in "${workers[@]}" "${servers[@]}"; do kill "$pid" 2>/dev/null || true; done
    [ ! -d "$work/postgres" ] || su postgres -c "$postgres_bin/pg_ctl -D $work/postgres stop -m fast" >/dev/null 2>&1 || true
    [ -n "$keep" ] || rm -rf "$work"
}
trap stop EXIT
say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"; }

# ---- what is looked at

elapsed() { awk -v from="$1" -v to="$(date +%s.%N)" 'BEGIN { printf "%.1f", to - from }'; }
masks() { { find "$1" -name '*.png' 2>/dev/null || true; } | wc -l; }
# Of a process, in MB.
peak() { awk '/VmHWM/ { printf "%d", $2 / 1024 }' "/proc/$1/status" 2>/dev/null || true; }
# Notes resident memory of a process four times a second as long as it lives.
note_memory() {
    : >"$work/memory"
    while kill -0 "$1" 2>/dev/null; do
        awk '/VmRSS/ { printf "%d\n", $2 / 1024 }' "/proc/$1/status" 2>/dev/null >>"$work/memory" || true
        sleep 0.25
    done
}
# Adds to $tenths the mean and the highest of what was noted since the last call.
add_tenth() {
    local lines
    lines=$(wc -l <"$work/memory")
    tenths+=$(tail -n +$((noted + 1)) "$work/memory" | awk '{ sum += $1; if ($1 > most) most = $1 } END { if (NR) printf " %.0f/%d", sum / NR, most }')
    noted=$lines
}
# Follows a run from one tenth of the images to another.
follow() {
    local tenth
    for ((tenth = $2 + 1; tenth <= $3; tenth++)); do
        reach "$1" $((count * tenth / 10))
        add_tenth
    done
}
# A mask that is written again is another file: its number on the disk and its time change.
files() { find "$1" -name '*.png' -printf '%P %i %T@\n' | sort; }
sums() { (cd "$1" && find . -name '*.png' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16); }
rows() { sort "$@" | grep -v '^name,' | sha256sum | cut -c1-16; }
# Waits until a folder has so many masks; gives up if none comes for five minutes.
reach() {
    local now before=-1 since=$SECONDS
    while now=$(masks "$1") && [ "$now" -lt "$2" ]; do
        [ "$now" -eq "$before" ] || { before=$now since=$SECONDS; }
        [ $((SECONDS - since)) -lt 300 ] || { echo "  FAILED: no mask for five minutes, $now of $count are there"; exit 1; }
        sleep 0.5
    done
}

check() {
    local out=$1 failed=0 repeated
    [ "$(masks "$out")" -eq "$count" ] || { echo "  FAILED: $(masks "$out") masks of $count"; failed=1; }
    [ "$(sums "$out")" = "$whole_sums" ] || { echo "  FAILED: masks differ from those of the unbroken run"; failed=1; }
    [ "$(cat "$out"/tables/*.csv | grep -vc '^name,')" -eq "$count" ] || { echo "  FAILED: the tables have another number of rows"; failed=1; }
    [ "$(rows "$out"/tables/*.csv)" = "$whole_rows" ] || { echo "  FAILED: tables differ from that of the unbroken run"; failed=1; }
    files "$out" >"$work/files.end"
    for before in "$work"/files.kill.*; do
        repeated=$(comm -23 "$before" "$work/files.end" | wc -l)
        echo "  done when a worker was killed: $(wc -l <"$before") masks; of these written again: $repeated"
        [ "$repeated" -eq 0 ] || failed=1
    done
    [ -z "$(find "$out" -name '.mlb-*')" ] || echo "  $(find "$out" -name '.mlb-*' | wc -l) temporary files are left"
    [ "$failed" -eq 0 ] && echo "  every result once: $count masks and rows, equal to the unbroken run" || exit 1
}

# ---- programs

say "building"
dotnet build -c Release -v quiet Microsoft.ML.Binary.Cli >"$work/build.log"
dotnet build -c Release -v quiet samples/Batch >>"$work/build.log"
mkdir -p "$work/bin" "$work/pids"
# mlbinary for the jobs of Slurm. It says which process it is, so that there is one to be killed.
cat >"$work/bin/mlbinary" <<END
#!/bin/sh
[ -z "\${SLURM_ARRAY_TASK_ID:-}" ] || echo \$\$ >"$work/pids/\$SLURM_ARRAY_TASK_ID"
exec "$repository/Microsoft.ML.Binary.Cli/bin/Release/net10.0/mlbinary" "\$@"
END
chmod +x "$work/bin/mlbinary"
batch=$repository/samples/Batch/bin/Release/net10.0/Batch
model=(--model Nuclei --working-size own)

if [ ! -f "$work/images.csv" ] || [ "$(wc -l <"$work/images.csv")" -ne $((count + 1)) ]; then
    say "making $count images"
    dotnet run -c Release --file samples/Batch/make-images.cs -- "$sources" "$work" "$count"
fi

# ---- one run that nobody disturbs

rm -rf "$work/whole"
say "one run, one process"
start=$(date +%s.%N) tenths='' noted=0
"$work/bin/mlbinary" score "${model[@]}" --manifest "$work/images.csv" --out "$work/whole" --table "$work/whole.csv" --threads "$threads" >"$work/whole.log" 2>&1 &
pid=$!
workers=("$pid")
note_memory "$pid" &
follow "$work/whole" 0 9
wait "$pid"
workers=()
add_tenth
printf '  %s s; memory in each tenth of the images, mean/most, MB:%s\n' "$(elapsed "$start")" "$tenths"
whole_sums=$(sums "$work/whole") whole_rows=$(rows "$work/whole.csv")

# ---- Hangfire

postgres_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1 || true)
postgresql() {
    rm -rf "$work/postgres"
    install -d -o postgres "$work/postgres"
    su postgres -c "$postgres_bin/initdb -D $work/postgres -A trust" >"$work/postgres.log"
    su postgres -c "$postgres_bin/pg_ctl -D $work/postgres -w -l $work/postgres/log -o '-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/postgres' start" >>"$work/postgres.log"
    su postgres -c "$postgres_bin/createdb -h 127.0.0.1 -p $postgres_port batch"
}

worker() { "$batch" worker "${queue[@]}" --threads "$threads" >>"$work/worker.log" 2>&1 & workers+=($!); }

hangfire() {
    local out=$work/$1
    rm -rf "$out" "$work"/files.kill.* "$work/worker.log"
    say "$1: $shards jobs, 3 workers; one is killed at 20 % and one at 50 %, and replaced"
    start=$(date +%s.%N)
    "$batch" enqueue "${queue[@]}" "${model[@]}" --manifest "$work/images.csv" --out "$out" --shards "$shards" >"$work/enqueue.log" 2>&1
    workers=()
    worker; worker; worker
    mkdir -p "$out"
    note_memory "${workers[2]}" &
    tenths='' noted=0
    local victim
    for victim in 0 1; do
        follow "$out" $((2 * victim)) $((2 + 3 * victim))
        kill -9 "${workers[victim]}"
        wait "${workers[victim]}" 2>/dev/null || true
        files "$out" >"$work/files.kill.$victim"
        worker
    done
    follow "$out" 5 9
    "$batch" wait "${queue[@]}" 2>/dev/null | tail -1 | sed 's/^/  /'
    add_tenth
    printf '  %s s; memory of the worker that lived on, in each tenth of the images, mean/most, MB:%s\n' "$(elapsed "$start")" "$tenths"
    for pid in "${workers[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait "${workers[@]}" 2>/dev/null || true
    workers=()
    grep -ho '[0-9]* images: .*' "$work/worker.log" | awk '{ images += $1; scored += $3; kept += $5 } END { print "  jobs that ended: " NR ", " scored " images scored in them, " kept " found done" }'
    check "$out"
}

# ---- Slurm

slurm() {
    local out=$work/slurm host
    host=$(hostname -s)
    rm -rf "$out" "$work/slurmd" "$work"/files.kill.* "$work"/pids/*
    mkdir -p "$out" "$work/slurmd/state" "$work/slurmd/spool"
    head -c 1024 /dev/urandom >"$work/slurmd/munge.key"
    chmod 400 "$work/slurmd/munge.key"
    cat >"$work/slurmd/slurm.conf" <<END
ClusterName=try
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$slurm_port
SlurmdPort=$((slurm_port + 1))
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/slurmd/munge.socket,cred_expire=5
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_min_interval=0
MpiDefault=none
ReturnToService=2
MailProg=/bin/true
StateSaveLocation=$work/slurmd/state
SlurmdSpoolDir=$work/slurmd/spool
SlurmctldPidFile=$work/slurmd/slurmctld.pid
SlurmdPidFile=$work/slurmd/slurmd.pid
SlurmctldLogFile=$work/slurmd/slurmctld.log
SlurmdLogFile=$work/slurmd/slurmd.log
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES State=UP
END
    export SLURM_CONF=$work/slurmd/slurm.conf PATH=$work/bin:$PATH
    munged --force --foreground --key-file="$work/slurmd/munge.key" --socket="$work/slurmd/munge.socket" --pid-file="$work/slurmd/munged.pid" \
        --log-file="$work/slurmd/munged.log" --seed-file="$work/slurmd/munged.seed" >"$work/slurmd/munged.out" 2>&1 & servers+=($!)
    sleep 1
    slurmctld -D >"$work/slurmd/slurmctld.out" 2>&1 & servers+=($!)
    slurmd -D >"$work/slurmd/slurmd.out" 2>&1 & servers+=($!)
    for _ in $(seq 60); do sinfo -h -o %T 2>/dev/null | grep -q idle && break; sleep 0.5; done

    say "slurm: an array of $shards tasks, 2 at a time; one is killed at 20 % and one at 50 %"
    start=$(date +%s.%N)
    local job victim task early='' late=''
    job=$(THREADS=$threads sbatch --parsable --array="1-$shards" --output="$work/slurmd/%a.out" samples/Batch/slurm/score.sbatch "$shards" Nuclei "$work/images.csv" "$out" --working-size own)
    for victim in 0 1; do
        reach "$out" $((count * (20 + 30 * victim) / 100))
        # The newest of the tasks that run.
        task=$(ls -t "$work/pids" | head -1)
        pid=$(cat "$work/pids/$task")
        [ "$victim" -eq 1 ] || early=$(peak "$pid")
        kill -9 "$pid"
        files "$out" >"$work/files.kill.$victim"
        echo "  killed task $task"
    done
    while squeue -h -j "$job" -r 2>/dev/null | grep -q .; do
        pid=$(cat "$work/pids/$(ls -t "$work/pids" | head -1)")
        late=$(peak "$pid" | grep . || echo "$late")
        sleep 0.5
    done
    printf '  %s s; peak memory of a task at 20 %%: %s MB, of one of the last: %s MB\n' "$(elapsed "$start")" "$early" "$late"
    check "$out"
}

for engine in "${engines[@]}"; do
    case $engine in
        hangfire-postgresql)
            postgresql
            queue=(--storage postgresql --connection "Host=127.0.0.1;Port=$postgres_port;Database=batch;Username=postgres")
            hangfire "$engine"
            ;;
        hangfire-sqlite)
            rm -f "$work"/queue.db*
            queue=(--storage sqlite --connection "$work/queue.db" --patience 30)
            hangfire "$engine"
            ;;
        slurm) slurm ;;
        *) echo "no engine is called $engine"; exit 2 ;;
    esac
done
