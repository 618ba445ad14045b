/* The policy's own names: POLICY(act) is pendulum_act where NAME is pendulum. */
#ifndef NAMES_H
#define NAMES_H

#define JOINED(name, part) name##_##part
#define NAMED(name, part) JOINED(name, part)
#define POLICY(part) NAMED(NAME, part)

#endif
