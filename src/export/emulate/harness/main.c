/*
 * Runs an exported policy on an emulated machine: its self-test; how many instructions an action takes, and how much of
 * the stack; and its actions for the observations in observations.bin, which go to actions.bin, each after its
 * status. What was measured goes to measured.txt, a name and a number on each line.
 */
#include "board.h"
#include "names.h"

int POLICY(act)(const float *observation, float *action);
int POLICY(selftest)(void);
uint32_t POLICY(checksum)(void);

enum { SYS_OPEN = 1, SYS_CLOSE = 2, SYS_WRITE = 5, SYS_READ = 6 };
enum { MODE_READ = 1, MODE_WRITE = 5 };

static intptr_t open_file(const char *name, intptr_t length, intptr_t mode)
{
    const intptr_t block[3] = { (intptr_t)name, mode, length };
    return board_semihosting(SYS_OPEN, block);
}

/* How much was not read, or not written. */
static intptr_t transfer(intptr_t operation, intptr_t file, void *data, intptr_t length)
{
    const intptr_t block[3] = { file, (intptr_t)data, length };
    return board_semihosting(operation, block);
}

static void close_file(intptr_t file)
{
    board_semihosting(SYS_CLOSE, &file);
}

static intptr_t report;

static void measured(const char *name, int32_t value)
{
    char line[64];
    char digits[12];
    uint32_t magnitude = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
    intptr_t length = 0;
    int count = 0;
    for (; *name != 0; name++) {
        line[length++] = *name;
    }
    line[length++] = ' ';
    if (value < 0) {
        line[length++] = '-';
    }
    do {
        digits[count++] = (char)('0' + magnitude % 10u);
        magnitude /= 10u;
    } while (magnitude > 0u);
    while (count > 0) {
        line[length++] = digits[--count];
    }
    line[length++] = '\n';
    transfer(SYS_WRITE, report, line, length);
}

/* Observations at a time. */
#define BATCH 100

static float observations[BATCH][OBSERVATIONS];
static struct {
    int32_t status;
    float action[ACTIONS];
} outcomes[BATCH];

/* Paints the stack below this function, and looks afterwards how far the paint is gone. */
#define PAINT 0x5afe5afeu
#define PAINTED 16384

__attribute__((noinline)) static void paint(void)
{
    volatile uint32_t words[PAINTED];
    int i;
    for (i = 0; i < PAINTED; i++) {
        words[i] = PAINT;
    }
    __asm__ volatile("" : : "r"(words) : "memory");
}

__attribute__((noinline)) static int32_t unpainted(void)
{
    /* Not initialised: what the calls in between have left. */
    volatile uint32_t words[PAINTED];
    int i = 0;
    __asm__ volatile("" : : "r"(words) : "memory");
    while (i < PAINTED && words[i] == PAINT) {
        i++;
    }
    return 4 * (PAINTED - i);
}

__attribute__((noinline)) static int nothing(const float *observation, float *action)
{
    __asm__ volatile("" : : "r"(observation), "r"(action) : "memory");
    return 0;
}

typedef int Act(const float *observation, float *action);

/* The stack that a call takes, its return address and what the caller keeps of it included. */
__attribute__((noinline)) static int32_t stack_of(Act *volatile act)
{
    paint();
    act(observations[0], outcomes[0].action);
    return unpainted();
}

/* Instructions of REPEATS calls for the first observations. */
__attribute__((noinline)) static uint32_t instructions_of(Act *volatile act)
{
    const uint32_t start = board_instructions();
    uint32_t i;
    for (i = 0; i < REPEATS; i++) {
        act(observations[i % BATCH], outcomes[0].action);
    }
    return board_instructions() - start;
}

int main(void)
{
    const intptr_t input = open_file("observations.bin", 16, MODE_READ);
    const intptr_t output = open_file("actions.bin", 11, MODE_WRITE);
    int first = 1;
    report = open_file("measured.txt", 12, MODE_WRITE);
    if (input < 0 || output < 0 || report < 0) {
        return 1;
    }
    measured("selftest", POLICY(selftest)());
    for (;;) {
        const intptr_t missing = transfer(SYS_READ, input, observations, sizeof observations);
        const intptr_t count = ((intptr_t)sizeof observations - missing) / (intptr_t)sizeof observations[0];
        intptr_t i;
        if (count == 0) {
            break;
        }
        if (first) {
            first = 0;
            measured("instructions", (int32_t)(instructions_of(POLICY(act)) - instructions_of(nothing)));
            measured("stack", stack_of(POLICY(act)) - stack_of(nothing));
        }
        for (i = 0; i < count; i++) {
            outcomes[i].status = POLICY(act)(observations[i], outcomes[i].action);
        }
        if (transfer(SYS_WRITE, output, outcomes, count * (intptr_t)sizeof outcomes[0]) != 0) {
            return 1;
        }
    }
    close_file(report);
    close_file(output);
    close_file(input);
    return 0;
}
