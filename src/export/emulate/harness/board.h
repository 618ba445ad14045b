/* What the harness needs of a machine. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* Instructions since some moment, modulo 2^32, as QEMU counts them with -icount shift=0. */
uint32_t board_instructions(void);

/* One call of the debugger, which QEMU answers: semihosting. */
intptr_t board_semihosting(intptr_t operation, const void *block);

int main(void);

#endif
