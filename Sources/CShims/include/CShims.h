// C that Swift cannot call directly: variadic calls, macros, ioctls. One header per topic.
//
// Every wrapper is `static inline` and returns a value, or -errno. Nothing here decides anything.
#ifndef APUS_CSHIMS_H
#define APUS_CSHIMS_H

#include "atomics.h"
#include "clock.h"
#include "directories.h"
#include "events.h"
#include "files.h"
#include "kvm.h"
#include "memory.h"
#include "processes.h"
#include "terminal.h"
#include "threads.h"

#endif
