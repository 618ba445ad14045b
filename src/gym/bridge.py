"""The Python side of softac's bridge: serves one Gymnasium environment to the program that started it.

It runs as `python -c`, needs nothing but gymnasium, and speaks over standard input and output, in little-endian
frames:

    greetings    magic (8 bytes), u32 version, u32 length; the program's is followed by a u32, a bit for whether the
                 environment is to be drawn and one for whether its module may lie in the current folder, and by its id
    requests     u32 command, u32 0, then a u64 seed (reset), f64 actions (step) or nothing (draw); all of one size
    answers      u32 kind, u32 length of what follows:
      READY        u32 observations, u32 actions, u32 a bit for whether the same seed may give other episodes and one
                   for whether the space of observations is in single precision, u32 length of the versions, f64 frames
                   a second or 0, f64 bounds (low and high of observations, low and high of actions), versions
      STEPPED      f64 reward, u32 terminated, u32 truncated, f64 observations
      DRAWN        u32 height, u32 width, then rows of pixels of three bytes: red, green, blue
      all others   a text

Once the environment is made, an exchange is one read and one write.
"""

import sys

# With `python -c`, the current folder comes before Python's own, and whatever lies there would be run.
if sys.path[:1] == [""]:
    del sys.path[0]

import io
import os
import signal
import struct
import traceback

VERSION = 3
RESET, STEP, DRAW = 1, 2, 3
READY, STEPPED, DRAWN, RAISED, UNAVAILABLE, UNKNOWN, UNSUPPORTED, UNDRAWN, MALFORMED, NO_MODULE = range(10)
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
    """Exchanges greetings; the environment's id, and what is asked for."""
    pipe.write(struct.pack("<8sII", FROM_PYTHON, VERSION, 0))
    greeting = bytearray(16)
    if not pipe.read(greeting):
        sys.exit("softac's bridge is started by softac, not by hand")
    magic, version, length = struct.unpack("<8sII", greeting)
    if magic != FROM_PROGRAM or version != VERSION:
        raise Refused(MALFORMED, f"the program speaks version {version} of the protocol, not {VERSION}")
    rest = bytearray(4 + length)
    pipe.read(rest)
    return rest[4:].decode(), rest[0]


def make(name, asked):
    """The module gymnasium, and its environment of this id."""
    draw = asked & TO_BE_DRAWN
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
    try:
        env = gymnasium.make(name, **({"render_mode": "rgb_array"} if draw else {}))
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
        raise
    modes = metadata(env).get("render_modes") or []
    if draw and "rgb_array" not in modes:
        raise Refused(UNDRAWN, f"it has no render mode rgb_array, but {list(modes)}")
    if draw:
        follow(env)
    return gymnasium, env


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


# What turns a space of this kind into a box.
WRAPPERS = {
    "Dict": "wrap it where it is registered: gymnasium.wrappers.FlattenObservation(env)",
    "Tuple": "wrap it where it is registered: gymnasium.wrappers.FlattenObservation(env)",
}


def require_box(gymnasium, space, what):
    if not isinstance(space, gymnasium.spaces.Box):
        kind = type(space).__name__
        remedy = WRAPPERS.get(kind) if what == "observation" else None
        text = f"its {what} space is {kind}, and only Box can be learned in"
        raise Refused(UNSUPPORTED, f"{text}; {remedy}" if remedy else text)
    if what == "action" and not str(space.dtype).startswith("float"):
        raise Refused(UNSUPPORTED, f"its actions are of type {space.dtype}, and only real numbers can be learned")


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
    outcome = struct.Struct("<dII")
    while pipe.read(request):
        try:
            if request[0] == DRAW:
                pipe.write(drawn(env))
                continue
            if request[0] == STEP:
                stepped = parts("step", env.step(action()), OF_STEP, 5)
                observation, reward, terminated, truncated, _ = stepped
                ends = flag_of(terminated, "terminated"), flag_of(truncated, "truncated")
                outcome.pack_into(answer, 8, reward_of(reward), *ends)
            else:
                (seed,) = struct.unpack_from("<Q", request, 8)
                observation, _ = parts("reset", env.reset(seed=seed), OF_RESET, 2)
                outcome.pack_into(answer, 8, 0.0, False, False)
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
