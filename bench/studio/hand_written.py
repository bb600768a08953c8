"""What a user would write with LightlyStudio: index and embed, select, export. The baseline of select_frames."""

from __future__ import annotations

import json
import os
import sys

os.environ["LIGHTLY_STUDIO_ANALYTICS_ENABLED"] = "false"

import lightly_studio as ls
from lightly_studio.core.dataset_query import VideoFrameSampleField
from select_frames.embedders import Grid, UnitLength

spec = json.loads(sys.argv[1])
ls.db_manager.connect(db_file=spec["database"])
ls.register_default_embedder(UnitLength(Grid()))
dataset = ls.VideoDataset.create(name="bench")
dataset.add_videos_from_path(spec["video"], embed=False, embed_frames=True, target_fps=spec["framesPerSecond"])
frames = dataset.frames()
candidates = sum(1 for _ in frames.query())
count = round(candidates * spec["share"])
frames.query().sampling().diverse(n_samples_to_select=count, sampling_result_tag_name="selected")
selected = frames.query().match(VideoFrameSampleField.tags.contains("selected"))
frames.export(selected).to_image_files(spec["output"])
ls.db_manager.close()
print(json.dumps({"frames": candidates, "selected": count}))
