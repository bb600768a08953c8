"""Compares pictures with the frames of their videos, decoded by OpenCV: reads a JSON list of them, prints a line for each that differs."""

import json
import sys

import cv2
import numpy as np

MOST = 4.0
"""Mean difference of a channel, 0 to 255: two decoders convert colors in their own ways."""

with open(sys.argv[1]) as file:
    wanted = json.load(file)
for video, frames in wanted.items():
    capture = cv2.VideoCapture(video)
    decoded = []
    while (read := capture.read())[0]:
        decoded.append(read[1])
    for one in frames:
        picture, frame = cv2.imread(one["picture"]), decoded[one["frame"]]
        same = picture.shape == frame.shape
        difference = float(np.abs(picture.astype(float) - frame).mean()) if same else 255.0
        others = [float(np.abs(picture.astype(float) - other).mean()) if same else 255.0 for other in decoded]
        if difference > MOST or difference > min(others) + 0.01:
            print(f"{video} frame {one['frame']}: differs by {difference:.1f}, frame {int(np.argmin(others))} by {min(others):.1f}")
