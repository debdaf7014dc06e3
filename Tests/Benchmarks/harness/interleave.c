// Times commands from outside, exec to exit, all in the same way and in turn: A B C A B C …
//
//     interleave OUT ROUNDS -- NAME [OPTION]… COMMAND [ARGUMENT]… [-- NAME …]…
//
// OUT gets one line of JSON for each command: {"name":…,"samples_ns":[…]}. Round 0 warms caches and is left out.
// Options:
//     status=N      the exit status that is right (0)
//     before=TEXT   a shell command that runs before each start, untimed: a fresh disk, say
//     until=output  stop the clock at the first byte on standard output, and kill the command then
// In arguments %r stands for the number of the round, %t for the clock's zero: CLOCK_MONOTONIC in nanoseconds just before
// exec, which the command also finds in APUS_CLOCK_ZERO.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAXIMUM_COMMANDS = 32, MAXIMUM_ARGUMENTS = 128, EXPANDED_SIZE = 4096 };

struct command {
    const char *name;
    int status;
    const char *before;
    int until_output;
    char **arguments; // ends with NULL
    uint64_t *samples;
};

static char zero_variable[64];
static char *environment[1024];

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "interleave: %s: %s\n", what, detail);
    exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static const char *value_of(const char *argument, const char *option) {
    size_t length = strlen(option);
    return strncmp(argument, option, length) == 0 ? argument + length : NULL;
}

static void add_value(struct command *command, char *argument) {
    const char *value;
    if ((value = value_of(argument, "status="))) command->status = atoi(value);
    else if ((value = value_of(argument, "before="))) command->before = value;
    else if (strcmp(argument, "until=output") == 0) command->until_output = 1;
    else fail("unknown option", argument);
}

// Reads one command from `arguments`, which it cuts at "--"; returns where the next begins.
static char **parse_command(struct command *command, char **arguments, unsigned rounds) {
    command->name = *arguments++;
    while (*arguments && strchr(*arguments, '=') && **arguments != '/') add_value(command, *arguments++);
    command->arguments = arguments;
    while (*arguments && strcmp(*arguments, "--") != 0) arguments++;
    if (command->arguments == arguments) fail("no command for", command->name);
    if (arguments - command->arguments >= MAXIMUM_ARGUMENTS) fail("too many arguments for", command->name);
    command->samples = calloc(rounds + 1, sizeof *command->samples);
    if (!*arguments) return arguments;
    *arguments = NULL;
    return arguments + 1;
}

static void expand(char *target, size_t size, const char *source, unsigned round, uint64_t zero) {
    size_t used = 0;
    while (*source && used < size - 24) {
        if (source[0] == '%' && source[1] == 'r') used += (size_t)sprintf(target + used, "%u", round), source += 2;
        else if (source[0] == '%' && source[1] == 't') used += (size_t)sprintf(target + used, "%lu", zero), source += 2;
        else target[used++] = *source++;
    }
    if (*source) fail("argument is too long", source);
    target[used] = 0;
}

static pid_t spawn(char *const *arguments, const posix_spawn_file_actions_t *files) {
    pid_t child;
    int error = posix_spawnp(&child, arguments[0], files, NULL, arguments, environment);
    if (error) fail(arguments[0], strerror(error));
    return child;
}

static int wait_for(pid_t child) {
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) fail("waitpid", strerror(errno));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void prepare(const struct command *command) {
    char *const shell[] = {"/bin/sh", "-c", (char *)command->before, NULL};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    int status = wait_for(spawn(shell, &files));
    posix_spawn_file_actions_destroy(&files);
    if (status) fail(command->name, "what had to run before it failed");
}

// One start of the command; returns nanoseconds.
static uint64_t measure(const struct command *command, unsigned round) {
    static char expanded[MAXIMUM_ARGUMENTS][EXPANDED_SIZE];
    char *arguments[MAXIMUM_ARGUMENTS + 1] = {0};
    int output[2] = {-1, -1};
    posix_spawn_file_actions_t files;

    if (command->before) prepare(command);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    if (command->until_output) {
        if (pipe2(output, O_CLOEXEC)) fail("pipe", strerror(errno));
        posix_spawn_file_actions_adddup2(&files, output[1], 1);
    } else {
        posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    }

    uint64_t start = now();
    sprintf(zero_variable, "APUS_CLOCK_ZERO=%lu", start);
    for (int i = 0; command->arguments[i]; i++) {
        if (strchr(command->arguments[i], '%')) {
            expand(expanded[i], EXPANDED_SIZE, command->arguments[i], round, start);
            arguments[i] = expanded[i];
        } else {
            arguments[i] = command->arguments[i];
        }
    }
    pid_t child = spawn(arguments, &files);
    uint64_t end;
    if (command->until_output) {
        char byte;
        close(output[1]);
        ssize_t count = read(output[0], &byte, 1);
        end = now();
        kill(child, SIGKILL);
        wait_for(child);
        close(output[0]);
        if (count != 1) fail(command->name, "ended without output");
    } else {
        int status = wait_for(child);
        end = now();
        if (status != command->status) {
            fprintf(stderr, "interleave: %s: exit status %d, not %d\n", command->name, status, command->status);
            exit(1);
        }
    }
    posix_spawn_file_actions_destroy(&files);
    return end - start;
}

static void write_samples(FILE *file, const struct command *command, unsigned rounds) {
    fprintf(file, "{\"name\":\"%s\",\"samples_ns\":[", command->name);
    for (unsigned round = 1; round <= rounds; round++)
        fprintf(file, "%s%lu", round > 1 ? "," : "", command->samples[round]);
    fprintf(file, "]}\n");
}

// The commands' environment: ours, with the clock's zero in front.
static void make_environment(void) {
    int count = 0;
    environment[count++] = zero_variable;
    strcpy(zero_variable, "APUS_CLOCK_ZERO=0");
    for (char **variable = environ; *variable && count < 1023; variable++)
        if (!value_of(*variable, "APUS_CLOCK_ZERO=")) environment[count++] = *variable;
}

int main(int count, char **arguments) {
    static struct command commands[MAXIMUM_COMMANDS];
    unsigned rounds = count > 4 ? (unsigned)atoi(arguments[2]) : 0;
    if (rounds == 0 || strcmp(arguments[3], "--") != 0)
        fail("usage", "interleave OUT ROUNDS -- NAME [OPTION]… COMMAND [ARGUMENT]… [-- NAME …]…");

    int used = 0;
    for (char **next = arguments + 4; *next; used++) {
        if (used == MAXIMUM_COMMANDS) fail("too many commands", *next);
        next = parse_command(&commands[used], next, rounds);
    }
    make_environment();
    for (unsigned round = 0; round <= rounds; round++)
        for (int i = 0; i < used; i++) commands[i].samples[round] = measure(&commands[i], round);

    FILE *file = fopen(arguments[1], "w");
    if (!file) fail(arguments[1], strerror(errno));
    for (int i = 0; i < used; i++) write_samples(file, &commands[i], rounds);
    if (fclose(file)) fail(arguments[1], strerror(errno));
    return 0;
}
