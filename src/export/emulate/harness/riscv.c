/* QEMU's RISC-V machine `virt`, from reset to main. */
#include "board.h"

void start(void);
void fault(void);

uint32_t board_instructions(void)
{
    uint32_t count;
    __asm__ volatile("csrr %0, minstret" : "=r"(count) :: "memory");
    return count;
}

intptr_t board_semihosting(intptr_t operation, const void *block)
{
    register intptr_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = block;
    /* These three, not compressed and on one page, are what the debugger knows a call by. */
    __asm__ volatile(
        ".balign 16\n\t"
        ".option push\n\t"
        ".option norvc\n\t"
        "slli zero, zero, 0x1f\n\t"
        "ebreak\n\t"
        "srai zero, zero, 7\n\t"
        ".option pop"
        : "+r"(a0)
        : "r"(a1)
        : "memory");
    return a0;
}

__attribute__((noreturn, aligned(4))) void fault(void)
{
    board_semihosting(0x18, (const void *)0x20023);
    for (;;) {
    }
}

__attribute__((noreturn, used)) static void run(void)
{
    /* QEMU loads the image into memory as it is, data and zeros too. */
    board_semihosting(0x18, main() == 0 ? (const void *)0x20026 : (const void *)0x20023);
    for (;;) {
    }
}

__attribute__((naked, noreturn, section(".start"))) void start(void)
{
    __asm__ volatile(
        ".option push\n\t"
        ".option norelax\n\t"
        "la gp, __global_pointer$\n\t"
        ".option pop\n\t"
        "la sp, stack_top\n\t"
        "la t0, fault\n\t"
        "csrw mtvec, t0\n\t"
        "j run");
}
