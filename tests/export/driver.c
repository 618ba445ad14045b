/* Prints what the self-test returns, and writes what the policy makes of the observations in a file: status and action,
   one after another. */
#include <stdio.h>

#include "policy.h"

int main(int count, char **arguments)
{
    static float observation[POLICY_OBSERVATIONS], action[POLICY_ACTIONS];
    FILE *from, *to;
    if (count != 3 || !(from = fopen(arguments[1], "rb")) || !(to = fopen(arguments[2], "wb"))) {
        return 1;
    }
    printf("%d", policy_selftest());
    while (fread(observation, sizeof observation, 1, from) == 1) {
        const int32_t status = policy_act(observation, action);
        if (fwrite(&status, sizeof status, 1, to) != 1 || fwrite(action, sizeof action, 1, to) != 1) {
            return 1;
        }
    }
    return fclose(to);
}
