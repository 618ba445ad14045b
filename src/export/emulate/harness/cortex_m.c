/* A Cortex-M of QEMU's MPS2 boards, from reset to main. */
#include "board.h"

extern uint32_t data_in_flash[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];

void reset(void);
void fault(void);
void tick(void);

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    stack_top, (const void *)reset, (const void *)fault, (const void *)fault, (const void *)fault, (const void *)fault,
    (const void *)fault, 0, 0, 0, 0, (const void *)fault, (const void *)fault, 0, (const void *)fault,
    (const void *)tick,
};

#define SYST_CSR (*(volatile uint32_t *)0xe000e010u)
#define SYST_RVR (*(volatile uint32_t *)0xe000e014u)
#define SYST_CVR (*(volatile uint32_t *)0xe000e018u)
#define CPACR (*(volatile uint32_t *)0xe000ed88u)

/* The board's clock has 25 MHz, and an instruction takes 1 ns with -icount shift=0. */
#define INSTRUCTIONS_PER_TICK 40u
#define RELOAD 0xffffffu

static volatile uint32_t rounds;

void tick(void)
{
    rounds++;
}

uint32_t board_instructions(void)
{
    uint32_t before, ticks;
    do {
        before = rounds;
        ticks = RELOAD - SYST_CVR;
    } while (before != rounds);
    return (before * (RELOAD + 1u) + ticks) * INSTRUCTIONS_PER_TICK;
}

intptr_t board_semihosting(intptr_t operation, const void *block)
{
    register intptr_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

__attribute__((noreturn)) void fault(void)
{
    /* ADP_Stopped_RunTimeErrorUnknown: QEMU ends with an error. */
    board_semihosting(0x18, (const void *)0x20023);
    for (;;) {
    }
}

__attribute__((noreturn)) void reset(void)
{
    uint32_t *from = data_in_flash, *to;
    for (to = data_start; to < data_end; to++, from++) {
        *(volatile uint32_t *)to = *from;
    }
    for (to = bss_start; to < bss_end; to++) {
        *(volatile uint32_t *)to = 0;
    }
#ifdef __ARM_FP
    CPACR |= 0xfu << 20;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
    SYST_RVR = RELOAD;
    SYST_CVR = 0;
    SYST_CSR = 7;
    /* ADP_Stopped_ApplicationExit, or an error. */
    board_semihosting(0x18, main() == 0 ? (const void *)0x20026 : (const void *)0x20023);
    for (;;) {
    }
}
