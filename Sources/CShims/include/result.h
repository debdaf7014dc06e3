// How every wrapper answers: the call's value, or -errno.
#ifndef APUS_RESULT_H
#define APUS_RESULT_H

#include <errno.h>

static inline long apus_result(long value) {
    return value < 0 ? -(long)errno : value;
}

#endif
