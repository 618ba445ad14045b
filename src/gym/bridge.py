"""The Python side of softac's bridge: serves one Gymnasium environment to the program that started it.

It runs as `python -c`, needs nothing but gymnasium, and speaks over standard input and output, in little-endian
frames:

    greetings    magic (8 bytes), u32 version, u32 length; the program's is followed by a u32, with a bit for an
                 environment that is to be drawn and one for a module that may lie in the current folder, and by JSON:
                 the environment's id, its arguments, and its wrappers with theirs
    requests     u32 command, u32 0, then a u64 seed (reset), f64 actions (step) or nothing (draw); all of one size
    answers      u32 kind, u32 length of what follows:
      READY        u32 observations, u32 actions, u32 a bit for whether the same seed may give other episodes and one
                   for whether the space of observations is in single precision, u32 length of the versions, f64 frames
                   a second or 0, f64 bounds (low and high of observations, low and high of actions), versions
      STEPPED      f64 reward, u16 terminated, u16 truncated, u32 success of the episode that ends (0 where it is not
                   told, 1 failed, 2 succeeded), f64 observations
      DRAWN        u32 height, u32 width, then rows of pixels of three bytes: red, green, blue
      all others   a text

Once the environment is made, an exchange is one read and one write.
"""

import sys

# With `python -c`, the current folder comes before Python's own, and whatever lies there would be run.
if sys.path[:1] == [""]:
    del sys.path[0]

import io
import json
import os
import signal
import struct
import traceback

VERSION = 5
RESET, STEP, DRAW = 1, 2, 3
READY, STEPPED, DRAWN, RAISED, UNAVAILABLE, UNKNOWN, UNSUPPORTED, UNDRAWN, MALFORMED, NO_MODULE, NOT_MADE = range(11)
# What became of an episode.
UNTOLD, FAILED, SUCCEEDED = range(3)
# What the greeting asks for.
TO_BE_DRAWN, TRUSTED_FOLDER = 1, 2
# What the environment is.
VARIES, SINGLE_PRECISION = 1, 2
FROM_PROGRAM, FROM_PYTHON = b"softac>>", b"softac<<"


class Refused(Exception):
    """What cannot be answered: the kind of answer, and the text."""


class Pipe:
    """The way to the program, out of reach of what the environment reads and prints."""

    def __init__(self):
        self.requests = io.FileIO(os.dup(0), "r")
        self.answers = io.FileIO(os.dup(1), "w")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        sys.stdout.reconfigure(line_buffering=True)

    def read(self, buffer):
        """Fills the buffer; whether there was enough, which there is not when the program is gone."""
        view, count = memoryview(buffer), 0
        while count < len(buffer):
            more = self.requests.readinto(view[count:])
            if not more:
                return False
            count += more
        return True

    def write(self, data):
        sent = self.answers.write(data)
        while sent < len(data):
            sent += self.answers.write(memoryview(data)[sent:])

    def refuse(self, kind, text):
        text = text.encode("utf-8", "replace")
        self.write(struct.pack("<II", kind, len(text)) + text)


def last_line(error):
    return "".join(traceback.format_exception_only(type(error), error)).strip()


def greet(pipe):
    """Exchanges greetings; how the environment is made, and what is asked for."""
    pipe.write(struct.pack("<8sII", FROM_PYTHON, VERSION, 0))
    greeting = bytearray(16)
    if not pipe.read(greeting):
        sys.exit("softac's bridge is started by softac, not by hand")
    magic, version, length = struct.unpack("<8sII", greeting)
    if magic != FROM_PROGRAM or version != VERSION:
        raise Refused(MALFORMED, f"the program speaks version {version} of the protocol, not {VERSION}")
    rest = bytearray(4 + length)
    pipe.read(rest)
    return json.loads(rest[4:].decode()), rest[0]


def make(spec, asked):
    """The module gymnasium, and the environment within its wrappers."""
    name, args, draw = spec["id"], spec["args"], asked & TO_BE_DRAWN
    module = name.rpartition(":")[0]
    if draw and sys.platform == "linux" and not os.environ.get("DISPLAY"):
        # MuJoCo would look for a screen.
        os.environ.setdefault("MUJOCO_GL", "egl")
    try:
        import gymnasium
    except ImportError as error:
        raise Refused(UNAVAILABLE, last_line(error)) from error
    if module and asked & TRUSTED_FOLDER:
        sys.path.insert(0, os.getcwd())
    unavailable = (ImportError, gymnasium.error.DependencyNotInstalled)
    for reserved in {"id", "render_mode"} & args.keys():
        raise Refused(NOT_MADE, f"the argument `{reserved}` is the program's own; leave it out")
    try:
        env = gymnasium.make(name, **args, **({"render_mode": "rgb_array"} if draw else {}))
    except unavailable as error:
        # Gymnasium puts an error of its own around that of the module.
        error = error.__cause__ if isinstance(error.__cause__, ImportError) else error
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        if missing and f"{module}.".startswith(f"{missing}."):
            raise Refused(NO_MODULE, missing) from error
        raise Refused(UNAVAILABLE, last_line(error)) from error
    except gymnasium.error.Error as error:
        raise Refused(UNKNOWN, last_line(error)) from error
    except TypeError as error:
        if draw and "render_mode" in str(error):
            raise Refused(UNDRAWN, last_line(error)) from error
        if args:
            raise Refused(NOT_MADE, f"it cannot be made with the arguments {shown_arguments(args)}: {last_line(error)}") from error
        raise
    except Exception as error:
        if not args:
            raise
        traceback.print_exc()
        text = f"it cannot be made with the arguments {shown_arguments(args)}: it raised {last_line(error)}"
        raise Refused(NOT_MADE, f"{text}; its traceback is on standard error") from error
    for wrapper, wrapper_args in spec["wrappers"]:
        env = wrapped(gymnasium, env, wrapper, wrapper_args)
    modes = metadata(env).get("render_modes") or []
    if draw and "rgb_array" not in modes:
        raise Refused(UNDRAWN, f"it has no render mode rgb_array, but {list(modes)}")
    if draw:
        follow(env)
    return gymnasium, env


def shown_arguments(args):
    return ", ".join(f"{name}={value!r}" for name, value in args.items())


def wrapped(gymnasium, env, name, args):
    """The environment within the wrapper of this name."""
    wrapper = getattr(gymnasium.wrappers, name, None)
    if not (isinstance(wrapper, type) and issubclass(wrapper, gymnasium.Wrapper)):
        known = sorted(
            name
            for name, value in vars(gymnasium.wrappers).items()
            if isinstance(value, type) and issubclass(value, gymnasium.Wrapper)
        )
        raise Refused(NOT_MADE, f"gymnasium.wrappers has no wrapper `{name}`; there are {', '.join(known)}")
    if name == "RecordVideo":
        raise Refused(NOT_MADE, "the wrapper RecordVideo writes files where a configuration says; `softac watch` films")
    try:
        return wrapper(env, **args)
    except Exception as error:
        with_args = f" with the arguments {shown_arguments(args)}" if args else ""
        raise Refused(NOT_MADE, f"the wrapper {name}{with_args} does not go around it: {last_line(error)}") from error


def follow(env):
    """Has the camera go along, where Gymnasium would let a robot run out of the picture though its model has one that
    does."""
    renderer = getattr(env.unwrapped, "mujoco_renderer", None)
    config = getattr(renderer, "default_cam_config", None) or {}
    if getattr(renderer, "camera_id", None) != -1 or "trackbodyid" in config:
        return
    import mujoco

    camera = mujoco.mj_name2id(renderer.model, mujoco.mjtObj.mjOBJ_CAMERA, "track")
    renderer.camera_id = camera


def metadata(env):
    return getattr(env, "metadata", None) or {}


# Spaces of observations that a wrapper flattens.
FLATTENED = {"Dict", "Tuple", "Discrete", "MultiDiscrete", "MultiBinary"}


def require_box(gymnasium, space, what):
    if not isinstance(space, gymnasium.spaces.Box):
        kind = type(space).__name__
        if what == "observation" and kind in FLATTENED:
            remedy = "flatten it with `--wrapper FlattenObservation`"
        elif what == "observation":
            remedy = "turn it into one by a wrapper of gymnasium.wrappers, with `--wrapper NAME`"
        else:
            remedy = "give it real numbers as actions, and let its step choose by them"
        raise Refused(UNSUPPORTED, f"its {what} space is {kind}, and only Box can be learned in; {remedy}")
    low, high = (len(numbers(bounds)) for bounds in (space.low, space.high))
    if low != high:
        raise Refused(UNSUPPORTED, f"its {what} space has {low} lower and {high} upper bounds; give it as many of both")
    if what == "action" and not str(space.dtype).startswith("float"):
        remedy = "give its action space the type numpy.float32, and round in its step"
        raise Refused(UNSUPPORTED, f"its actions are of type {space.dtype}, and only real numbers can be learned; {remedy}")


def numbers(values):
    return [float(value) for value in getattr(values, "flat", values)]


def versions(env):
    packages = ["gymnasium", "numpy", "mujoco", type(env.unwrapped).__module__.split(".")[0]]
    found = ((name, getattr(sys.modules.get(name), "__version__", None)) for name in dict.fromkeys(packages))
    known = ", ".join(f"{name} {version}" for name, version in found if version)
    return f"Python {sys.version.split()[0]}, {known}".encode()


def describe(env):
    """The frame that says what the environment is, and the sizes of its spaces."""
    observations, actions = env.observation_space, env.action_space
    bounds = [numbers(space_bounds) for space in (observations, actions) for space_bounds in (space.low, space.high)]
    sizes = len(bounds[0]), len(bounds[2])
    named = versions(env)
    traits = VARIES if getattr(env.spec, "nondeterministic", False) else 0
    traits |= SINGLE_PRECISION if str(observations.dtype) == "float32" else 0
    flat = [bound for space_bounds in bounds for bound in space_bounds]
    fps = float(metadata(env).get("render_fps") or 0)
    head = struct.pack("<IIIId", *sizes, traits, len(named), fps)
    payload = head + struct.pack(f"<{len(flat)}d", *flat) + named
    return struct.pack("<II", READY, len(payload)) + payload, sizes


def shown(value):
    """A value in a few words: its type, and its shape or length where it has one."""
    name = type(value).__name__
    if getattr(value, "shape", None) is not None:
        return f"{name} of shape {tuple(value.shape)}"
    if isinstance(value, (tuple, list, dict)):
        return f"{name} of {len(value)}"
    return name if value is None else f"{name} {str(value)[:40]!r}"


def broken(call, value, rule):
    return Refused(MALFORMED, f"{call} returned {shown(value)}, and must return {rule}")


def parts(call, value, rule, count):
    """The values that a call returned, if they are as many as there must be."""
    if not isinstance(value, tuple) or len(value) != count:
        raise broken(call, value, rule)
    return value


def reward_of(value):
    try:
        # An array of one element is a number, too.
        return float(value.item() if getattr(value, "size", None) == 1 else value)
    except (TypeError, ValueError) as error:
        raise broken("step", value, "a number as its reward, its second value") from error


def flag_of(value, name):
    try:
        return bool(value)
    except ValueError as error:
        raise broken("step", value, f"true or false as `{name}`") from error


class Successes:
    """What the environment tells of the success of its episodes, in `info["is_success"]`."""

    def __init__(self):
        self.is_warned = False

    def of(self, info):
        """Of the episode that ends with this `info`. What is neither true nor false is named once, and not counted: a
        training does not end because of a number that nothing is learned from."""
        value = info.get("is_success") if isinstance(info, dict) else None
        if value is None:
            return UNTOLD
        try:
            # An array of one element is a value, too; 0 and 1 are equal to false and true.
            truth = (False, True).index(value.item() if getattr(value, "size", None) == 1 else value)
        except (TypeError, ValueError):
            if not self.is_warned:
                rule = "true or false is expected: it counts as not told"
                print(f'warning: info["is_success"] is {shown(value)}, and {rule}', file=sys.stderr)
            self.is_warned = True
            return UNTOLD
        return SUCCEEDED if truth else FAILED


def changed(found, expected):
    return Refused(MALFORMED, f"it gave an observation of shape {found}, where its space says {expected}")


def codec(env, request, answer):
    """How actions are read from the request, and observations written to the answer."""
    expected, shape, dtype = env.observation_space.shape, env.action_space.shape, env.action_space.dtype
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return plain_codec(expected, request, answer)
    received = numpy.frombuffer(request, "<f8", offset=8).reshape(shape)
    target = numpy.frombuffer(answer, "<f8", offset=24).reshape(expected)

    def action():
        # A copy: the environment may keep it.
        return received.astype(dtype)

    def put(observation):
        observation = numpy.asarray(observation)
        if observation.shape != expected:
            raise changed(observation.shape, expected)
        target[...] = observation

    return action, put


def plain_codec(expected, request, answer):
    """The same without NumPy, for flat lists."""
    actions = struct.Struct(f"<{(len(request) - 8) // 8}d")
    observations = struct.Struct(f"<{(len(answer) - 24) // 8}d")

    def put(observation):
        if (len(observation),) != expected:
            raise changed((len(observation),), expected)
        observations.pack_into(answer, 24, *observation)

    return lambda: list(actions.unpack_from(request, 8)), put


def drawn(env):
    """The frame with what the environment looks like."""
    try:
        frame = env.render()
    except Exception as error:
        traceback.print_exc()
        raise Refused(UNDRAWN, f"it raised {last_line(error)}") from error
    if hasattr(frame, "tobytes"):
        shape, fits, data = frame.shape, str(frame.dtype) == "uint8", frame.tobytes()
    else:
        # The same without NumPy, for lists of rows of pixels.
        rows = frame if isinstance(frame, list) else []
        shape = len(rows), len(rows[0]) if rows else 0, 3
        flat = [channel for row in rows for pixel in row for channel in pixel]
        fits, data = len(flat) == shape[0] * shape[1] * 3, bytes(flat)
    if not (fits and len(shape) == 3 and shape[2] == 3 and data):
        raise Refused(UNDRAWN, f"it gave no rows of pixels of three bytes: {type(frame).__name__} of shape {shape}")
    return struct.pack("<IIII", DRAWN, 8 + len(data), shape[0], shape[1]) + data


OF_STEP = "(observation, reward, terminated, truncated, info)"
OF_RESET = "(observation, info)"


def raised(error, command):
    """The answer to a call that raised: Gymnasium's wrappers unpack what the environment returns before anybody sees it."""
    text = last_line(error)
    if isinstance(error, ValueError) and "to unpack" in text:
        call, rule = ("step", OF_STEP) if command == STEP else ("reset", OF_RESET)
        return MALFORMED, f"it seems that {call} does not return {rule}: {text}"
    return RAISED, text


def serve(pipe, env, sizes):
    """Answers requests until the program is gone."""
    request, answer = bytearray(8 + 8 * sizes[1]), bytearray(24 + 8 * sizes[0])
    struct.pack_into("<II", answer, 0, STEPPED, len(answer) - 8)
    action, put = codec(env, request, answer)
    outcome, successes = struct.Struct("<dHHI"), Successes()
    while pipe.read(request):
        try:
            if request[0] == DRAW:
                pipe.write(drawn(env))
                continue
            if request[0] == STEP:
                stepped = parts("step", env.step(action()), OF_STEP, 5)
                observation, reward, terminated, truncated, info = stepped
                ends = flag_of(terminated, "terminated"), flag_of(truncated, "truncated")
                success = successes.of(info) if any(ends) else UNTOLD
                outcome.pack_into(answer, 8, reward_of(reward), *ends, success)
            else:
                (seed,) = struct.unpack_from("<Q", request, 8)
                observation, _ = parts("reset", env.reset(seed=seed), OF_RESET, 2)
                outcome.pack_into(answer, 8, 0.0, False, False, UNTOLD)
            put(observation)
        except Refused as refused:
            pipe.refuse(*refused.args)
        except Exception as error:
            traceback.print_exc()
            pipe.refuse(*raised(error, request[0]))
        else:
            pipe.write(answer)


def main():
    # They are sent to the whole process group, and the program saves its work before it ends.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    pipe = Pipe()
    try:
        gymnasium, env = make(*greet(pipe))
        require_box(gymnasium, env.observation_space, "observation")
        require_box(gymnasium, env.action_space, "action")
        ready, sizes = describe(env)
    except Refused as refused:
        pipe.refuse(*refused.args)
        return
    except Exception as error:
        traceback.print_exc()
        pipe.refuse(RAISED, last_line(error))
        return
    pipe.write(ready)
    try:
        serve(pipe, env, sizes)
        env.close()
    except BrokenPipeError:
        pass


main()
