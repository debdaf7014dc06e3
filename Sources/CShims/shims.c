// The program's arguments. Embedded Swift has no `CommandLine`; the GNU C library hands them to constructors.
#include "CShims.h"

static int argument_count;
static char **argument_values;

__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    argument_values = values;
}

int apus_argument_count(void) { return argument_count; }

const char *apus_argument(int index) { return argument_values[index]; }
