"""Configuration of lit: the tests run the `lamina-opt` and `filecheck` installed beside the running Python."""

import os
import sys
import tempfile

import lit.formats

config = globals()["config"]  # lit runs this file with both names defined
lit_config = globals()["lit_config"]

config.name = "lamina"
config.test_format = lit.formats.ShTest()
config.suffixes = [".mlir"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = lit_config.params.get("exec_root") or os.path.join(tempfile.gettempdir(), "lamina-lit")
config.environment["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
if "PYTHONPATH" in os.environ:  # of a checkout that is not the installed one
    config.environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
