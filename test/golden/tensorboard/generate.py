"""Writes fixtures/events.tfevents and fixtures/events.json: an event file as TensorBoard's own Python writer makes it.

Run: python test/golden/tensorboard/generate.py   (needs tensorboard; the version used is in the JSON)
"""

import json
from pathlib import Path

import tensorboard
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

START = 1_700_000_000.25
TEXT = "| attribute | F1 |\n| --- | ---: |\n| 色 | 0.91 |"
SCALARS = [("train/loss", 0, 2.5), ("train/loss", 1, 1.25), ("dev/micro F1", 1, 0.875), ("train/loss", 300000, 1e-8)]


def text_value(tag, text):
    tensor = tensor_pb2.TensorProto(
        dtype="DT_STRING",
        tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=1)]),
        string_val=[text.encode()],
    )
    metadata = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text"))
    return summary_pb2.Summary.Value(tag=tag, metadata=metadata, tensor=tensor)


events = [
    event_pb2.Event(
        wall_time=START, file_version="brain.Event:2", source_metadata=event_pb2.SourceMetadata(writer="attune")
    ),
    event_pb2.Event(
        wall_time=START + 1, step=7, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    ),
]
for tag, step, value in SCALARS:
    summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)])
    events.append(event_pb2.Event(wall_time=START + len(events), step=step, summary=summary))
summary = summary_pb2.Summary(value=[text_value("report/text_summary", TEXT)])
events.append(event_pb2.Event(wall_time=START + len(events), step=1, summary=summary))

folder = Path(__file__).with_name("fixtures")
with open(folder / "events.tfevents", "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
    writer.flush()
description = {
    "tensorboard": tensorboard.__version__,
    "startSeconds": START,
    "resumedAtStep": 7,
    "scalars": [{"tag": t, "step": s, "value": v} for t, s, v in SCALARS],
    "text": {"tag": "report/text_summary", "step": 1, "text": TEXT},
}
(folder / "events.json").write_text(json.dumps(description, ensure_ascii=False) + "\n")
