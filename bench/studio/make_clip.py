"""Makes a video with a new scene every few seconds: make_clip.py FILE WIDTH HEIGHT SECONDS"""

from __future__ import annotations

import sys
from fractions import Fraction

import av
import numpy as np

FRAMES_PER_SECOND = 25
SCENE_FRAMES = 110

file, width, height, seconds = sys.argv[1], *map(int, sys.argv[2:5])
random = np.random.default_rng(7)
with av.open(file, "w") as container:
    stream = container.add_stream("libx264", rate=FRAMES_PER_SECOND, options={"preset": "ultrafast", "crf": "30"})
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.time_base = Fraction(1, FRAMES_PER_SECOND)
    for number in range(seconds * FRAMES_PER_SECOND):
        if number % SCENE_FRAMES == 0:
            small = random.integers(0, 255, (9, 16, 3), np.uint8)
            scene = small.repeat(-(-height // 9), 0).repeat(-(-width // 16), 1)[:height, :width]
        moved = np.roll(scene, number * 4 % width, axis=1)
        for packet in stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(moved), format="rgb24")):
            container.mux(packet)
    for packet in stream.encode():
        container.mux(packet)
