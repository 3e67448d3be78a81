#!/usr/bin/env python3
"""Writes events.bin: an event file by TensorBoard's own protocol buffers, which EventFileWriter has to equal.

Made with Python 3.11, tensorboard 2.21.0, protobuf 7.36.2:  python tensorboard_events.py

With the path of an event file it prints what TensorBoard reads from it instead.
"""

import pathlib
import struct
import sys

from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c


def framed(event):
    data = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


def events():
    yield Event(wall_time=1.5, file_version="brain.Event:2")

    event = Event(wall_time=1.5, step=300)
    event.summary.value.add(tag="train/loss", simple_value=0.25)
    yield event

    event = Event(wall_time=1.5, step=300)
    value = event.summary.value.add(tag="dev/samples")
    value.metadata.plugin_data.plugin_name = "text"
    value.metadata.data_class = 2
    value.tensor.dtype = 7
    value.tensor.tensor_shape.dim.add(size=1)
    value.tensor.string_val.append("a stately ship 船".encode())
    yield event

    event = Event(wall_time=1.5, step=5_000_000_000)
    event.summary.value.add(tag="dev/wer", simple_value=float("nan"))
    yield event


def main():
    if len(sys.argv) == 2:
        for event in EventFileLoader(sys.argv[1]).Load():
            print(event)
    else:
        path = pathlib.Path(__file__).with_name("events.bin")
        path.write_bytes(b"".join(framed(event) for event in events()))


if __name__ == "__main__":
    main()
