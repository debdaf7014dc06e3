// The private memory of a command and of everything that lives with it, seen from outside.
//
//     private-memory OUT GUEST_BYTES TEXT COMMAND [ARGUMENT]…
//
// Starts COMMAND, waits for TEXT on its standard output, reads Private_Clean + Private_Dirty of it and all its
// descendants until two readings in a row agree, writes OUT, and ends them. OUT gets a line of JSON for each process:
// {"process":…,"private_bytes":…,"guest_bytes":…}, of which the second is guest RAM and not in the first.
//
// Guest RAM is the run of adjacent mappings that is GUEST_BYTES long together (a kernel image laid over guest RAM splits
// it). 0 for GUEST_BYTES: no guest, as with containers.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAXIMUM_PROCESSES = 64, MAXIMUM_MAPPINGS = 1024, READINGS = 200, PAUSE_MICROSECONDS = 50000 };

struct process {
    pid_t id;
    pid_t parent;
    char name[32];
    uint64_t private_bytes, guest_bytes;
};

struct mapping {
    uint64_t start, end, private_bytes;
};

static pid_t command = -1;

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "private-memory: %s: %s\n", what, detail);
    if (command > 0) kill(command, SIGKILL);
    exit(1);
}

static void wait_for_text(int output, const char *text) {
    char seen[65536];
    size_t count = 0;
    while (count < sizeof seen - 1) {
        ssize_t got = read(output, seen + count, sizeof seen - 1 - count);
        if (got <= 0) fail(text, "was not printed before the end");
        count += (size_t)got;
        seen[count] = 0;
        if (strstr(seen, text)) return;
    }
    fail(text, "was not printed in the first 64 KiB");
}

static int read_process(pid_t id, struct process *process) {
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/stat", id);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    int complete = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    char *open = strchr(line, '('), *close = strrchr(line, ')');
    if (!complete || !open || !close) return 0;
    *close = 0;
    process->id = id;
    snprintf(process->name, sizeof process->name, "%s", open + 1);
    return sscanf(close + 2, "%*c %d", &process->parent) == 1;
}

// `processes[0]` is the command; its descendants follow. Returns how many.
static int find_processes(struct process *processes) {
    static struct process all[4096];
    int total = 0, count = 0;
    DIR *folder = opendir("/proc");
    if (!folder) fail("/proc", strerror(errno));
    for (struct dirent *entry; (entry = readdir(folder));) {
        pid_t id = atoi(entry->d_name);
        if (id > 0 && total < 4096 && read_process(id, &all[total])) total++;
    }
    closedir(folder);
    for (int i = 0; i < total; i++)
        if (all[i].id == command) processes[count++] = all[i];
    for (int known = 0; known < count; known++)
        for (int i = 0; i < total; i++)
            if (all[i].parent == processes[known].id && count < MAXIMUM_PROCESSES) processes[count++] = all[i];
    return count;
}

static int read_mappings(pid_t id, struct mapping *mappings) {
    char path[64], line[4096];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/smaps", id);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    while (fgets(line, sizeof line, file)) {
        uint64_t start, end, kilobytes;
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
            if (count == MAXIMUM_MAPPINGS) fail(path, "has too many mappings");
            mappings[count++] = (struct mapping){start, end, 0};
        } else if (sscanf(line, "Private_Clean: %lu", &kilobytes) == 1 || sscanf(line, "Private_Dirty: %lu", &kilobytes) == 1) {
            mappings[count - 1].private_bytes += kilobytes * 1024;
        }
    }
    fclose(file);
    return count;
}

static void measure(struct process *process, uint64_t guest_size) {
    static struct mapping mappings[MAXIMUM_MAPPINGS];
    int count = read_mappings(process->id, mappings);
    process->private_bytes = process->guest_bytes = 0;
    for (int i = 0; i < count; i++) process->private_bytes += mappings[i].private_bytes;
    for (int first = 0; first < count && guest_size; first++) {
        uint64_t size = 0, bytes = 0;
        for (int i = first; i < count && size < guest_size; i++) {
            if (i > first && mappings[i].start != mappings[i - 1].end) break;
            size += mappings[i].end - mappings[i].start;
            bytes += mappings[i].private_bytes;
        }
        if (size != guest_size) continue;
        process->guest_bytes = bytes;
        process->private_bytes -= bytes;
        return;
    }
    if (guest_size) fail(process->name, "has no run of mappings as long as the guest's memory");
}

// Measures all processes; returns a sum that changes when any of it does.
static uint64_t measure_all(struct process *processes, int *count, uint64_t guest_size) {
    uint64_t sum = 0;
    *count = find_processes(processes);
    for (int i = 0; i < *count; i++) {
        measure(&processes[i], guest_size);
        sum += processes[i].private_bytes + processes[i].guest_bytes;
    }
    return sum + (uint64_t)*count;
}

// Ends the processes without children: a container runtime that waits for its payload then tidies up by itself.
static void end_all(const struct process *processes, int count) {
    for (int i = 0; i < count; i++) {
        int is_parent = 0;
        for (int j = 0; j < count; j++) is_parent |= processes[j].parent == processes[i].id;
        if (!is_parent) kill(processes[i].id, SIGKILL);
    }
    waitpid(command, NULL, 0);
}

int main(int argument_count, char **arguments) {
    if (argument_count < 5) fail("usage", "private-memory OUT GUEST_BYTES TEXT COMMAND [ARGUMENT]…");
    uint64_t guest_size = strtoull(arguments[2], NULL, 10);
    int output[2];
    if (pipe2(output, O_CLOEXEC)) fail("pipe", strerror(errno));
    command = fork();
    if (command == 0) {
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(output[1], 1);
        execvp(arguments[4], arguments + 4);
        fail(arguments[4], strerror(errno));
    }
    close(output[1]);
    wait_for_text(output[0], arguments[3]);

    struct process processes[MAXIMUM_PROCESSES];
    int count = 0;
    uint64_t previous = 0, sum = measure_all(processes, &count, guest_size);
    for (int reading = 0; sum != previous; reading++) {
        if (reading == READINGS) fail(arguments[4], "its memory does not settle");
        previous = sum;
        usleep(PAUSE_MICROSECONDS);
        sum = measure_all(processes, &count, guest_size);
    }

    FILE *file = fopen(arguments[1], "w");
    if (!file) fail(arguments[1], strerror(errno));
    for (int i = 0; i < count; i++)
        fprintf(file, "{\"process\":\"%s\",\"private_bytes\":%lu,\"guest_bytes\":%lu}\n", processes[i].name,
                processes[i].private_bytes, processes[i].guest_bytes);
    if (fclose(file)) fail(arguments[1], strerror(errno));
    end_all(processes, count);
    return 0;
}
