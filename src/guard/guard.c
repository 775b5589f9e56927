#include "common/compat.h"

#include "guard/guard.h"

void
guard_init(void)
{
}
