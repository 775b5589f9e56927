#include "common/compat.h"

#include "catalog/snapshot.h"

void
snapshot_init(void)
{
}
