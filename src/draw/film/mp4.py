"""Writes an MP4 from raw frames on standard input: `python -c ... PATH WIDTH HEIGHT FPS`.

It is part of softac, and needs imageio-ffmpeg, which brings ffmpeg with it.
"""

import sys

MISSING = 3


def main():
    try:
        import imageio_ffmpeg
    except ImportError as error:
        print(error, file=sys.stderr)
        sys.exit(MISSING)
    path, width, height, fps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    film = imageio_ffmpeg.write_frames(
        path, (width, height), fps=fps, macro_block_size=2, output_params=["-movflags", "+faststart"]
    )
    film.send(None)
    length = 3 * width * height
    while frame := sys.stdin.buffer.read(length):
        if len(frame) < length:
            sys.exit("softac is gone")
        film.send(frame)
    film.close()


main()
