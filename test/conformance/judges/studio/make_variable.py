"""Makes a video whose frames are shown for different times, and prints the time of each in seconds: make_variable.py FILE"""

from __future__ import annotations

import json
import sys
from fractions import Fraction

import av
import numpy as np

BASE = 1000
# 25 frames per second, then one each 0.7 seconds, then a long still, then 60 per second.
DURATIONS = [40] * 50 + [700] * 6 + [3300] + [17] * 90

random = np.random.default_rng(5)
times = np.cumsum([0, *DURATIONS[:-1]]).tolist()
with av.open(sys.argv[1], "w") as container:
    stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "18", "bf": "0"})
    stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
    stream.time_base = stream.codec_context.time_base = Fraction(1, BASE)
    for at in times:
        picture = random.integers(0, 255, (6, 8, 3), np.uint8).repeat(20, 0).repeat(20, 1)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame.pts, frame.time_base = at, Fraction(1, BASE)
        for packet in stream.encode(frame):
            container.mux(packet)
    for packet in stream.encode():
        container.mux(packet)
print(json.dumps([at / BASE for at in times]))
