// SwiftPM wants a source file in every C target; all the code is in the headers.
#include "CShims.h"
