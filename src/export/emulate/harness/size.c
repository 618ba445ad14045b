/* A program that asks the policy for an action and does nothing else; with -DWITHOUT_POLICY not even that. What the
   two differ by is what the policy takes of the flash. */
#include "board.h"
#include "names.h"

int POLICY(act)(const float *observation, float *action);

int main(void)
{
#ifdef WITHOUT_POLICY
    return 0;
#else
    static volatile float observation[OBSERVATIONS];
    static volatile float action[ACTIONS];
    return POLICY(act)((const float *)observation, (float *)action);
#endif
}
