// Compiles the headers once on their own, with the C compiler's warnings on. SwiftPM wants a source in a C target.
#include "CShims.h"
