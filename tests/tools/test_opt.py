"""lamina-opt: what the lit tests do not show: the command line, its errors and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import run

SIN = """func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "lamina.sin"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "lamina.neg"(%0) : (tensor<4xf32>) -> tensor<4xf32>
  %2 = "lamina.neg"(%1) : (tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
"""
SIMPLIFIED = """module {
  func.func @f(%arg0: tensor<4xf32>) -> tensor<4xf32> {
    %0 = "lamina.sin"(%arg0) : (tensor<4xf32>) -> tensor<4xf32>
    return %0 : tensor<4xf32>
  }
}
"""
STAGES = "trace, derive, simplify, fuse, hoist, linalg, reorder, rows, pack, kernelize, tile, place, executables"


def test_reads_standard_input_and_runs_flags_in_order(tmp_path: Path) -> None:
    assert run("lamina-opt", "-", "--lamina-simplify", "--cse", cwd=tmp_path, stdin=SIN) == (0, SIMPLIFIED, "")


def test_pipeline_text_mixes_passes_of_ours_and_of_mlir(tmp_path: Path) -> None:
    text = "builtin.module(func.func(cse), lamina-simplify,canonicalize{max-iterations=3 top-down=true})"
    done = run("lamina-opt", f"--pass-pipeline={text}", "-o", "out.mlir", cwd=tmp_path, stdin=SIN)
    assert done == (0, "", "")
    assert (tmp_path / "out.mlir").read_text() == SIMPLIFIED


def test_prints_after_every_pass_and_times_them(tmp_path: Path) -> None:
    flags = ["--lamina-simplify", "--cse", "--mlir-print-ir-after-all", "--mlir-timing"]
    done = run("lamina-opt", *flags, "--mlir-print-op-generic", "--mlir-print-debuginfo", cwd=tmp_path, stdin=SIN)
    assert done.err.index("IR Dump After lamina-simplify") < done.err.index("IR Dump After CSEPass")
    assert "Execution time report" in done.err
    assert '"func.func"() <{' in done.out
    assert '"-":2:8' in done.out


def test_stages_are_entered_again_from_text(tmp_path: Path) -> None:
    done = run("lamina-opt", "--stop-after=simplify", cwd=tmp_path, stdin=SIN)
    assert done == (0, SIMPLIFIED, "")
    lowered = run("lamina-opt", "--from-stage=simplify", "--lamina-legality=linalg", cwd=tmp_path, stdin=done.out)
    assert lowered.code == 0 and "linalg.generic" in lowered.out and "lamina." not in lowered.out


def test_list_of_passes(tmp_path: Path) -> None:
    lines = run("lamina-opt", "--list-passes", cwd=tmp_path).out.splitlines()
    assert any(line.split()[:2] == ["--lamina-inline", "replaces"] for line in lines)
    assert any(line.strip() == "--canonicalize" for line in lines)
    assert f"Stages, for --from-stage and --stop-after: {STAGES}" in lines


def test_diagnostics_show_the_line(tmp_path: Path) -> None:
    (tmp_path / "bad.mlir").write_text(SIN.replace(") -> tensor<4xf32>\n  %2", ") -> tensor<5xf32>\n  %2"))
    done = run("lamina-opt", "bad.mlir", cwd=tmp_path)
    assert done.code == 1 and done.out == ""
    assert done.err.splitlines()[0].startswith("bad.mlir:4:")  # where %1 is used with its old type
    bad = '"lamina.sin"(%x) : (tensor<4xf32>) -> tensor<5xf32>'
    text = f"func.func @f(%x: tensor<4xf32>) {{\n  %0 = {bad}\n  return\n}}\n"
    assert run("lamina-opt", cwd=tmp_path, stdin=text) == (
        1,
        "",
        "<stdin>:2:8: error: 'lamina.sin' op result type should be tensor<4xf32> but is tensor<5xf32>\n"
        f"  %0 = {bad}\n"
        "       ^\n",
    )


def test_verify_diagnostics_reports_both_kinds_of_difference(tmp_path: Path) -> None:
    text = "// expected-error @below {{no such message}}\nfunc.func @f() -> f32 {\n}\n"
    done = run("lamina-opt", "--verify-diagnostics", cwd=tmp_path, stdin=text)
    assert done.code == 1 and done.out == ""
    assert "unexpected error: " in done.err
    assert '<stdin>:2: expected error "no such message" was not produced\n' in done.err


def test_messages_of_mlir_itself_show_the_line_too(tmp_path: Path) -> None:
    text = "func.func @f() {\n  call @g() : () -> ()\n  return\n}\n"
    done = run("lamina-opt", "--cse", cwd=tmp_path, stdin=text)
    assert done.code == 1
    assert done.err.startswith("<stdin>:2:3: error: 'func.call' op 'g' does not reference a valid function\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lamina-derve"], "there is no pass or option --lamina-derve; did you mean --lamina-derive?"),
        (["--canonicalise"], "there is no pass or option --canonicalise; did you mean --canonicalize?"),
        (["--qqqqqqqq"], "there is no pass or option --qqqqqqqq; --list-passes shows what there is"),
        (["--cse=foo=1"], "the pass 'cse{foo=1}' is refused: no such option foo"),
        (["--lamina-fuse=fast"], "the pass lamina-fuse takes no options, got 'fast'"),
        (["--lamina-legality=end"], f"--lamina-legality takes a stage: --lamina-legality=STAGE with one of {STAGES}"),
        (["--stop-after=end"], f"there is no stage 'end'; the stages are {STAGES}"),
        (["--from-stage=end"], f"there is no stage 'end'; the stages are {STAGES}"),
        (["--pass-pipeline=cse", "--cse"], "write --cse into --pass-pipeline, or use pass flags only"),
        (["--pass-pipeline=builtin.module(func.func(lamina-fuse))"],
         "lamina-fuse runs on modules: write it directly inside builtin.module(...), not in func.func(lamina-fuse)"),
        (["--pass-pipeline=builtin.module(func.func(ces))"], "there is no pass or option --ces; did you mean --cse?"),
        (["a.mlir", "b.mlir"], "takes one input file; 'b.mlir' is one too many"),
        (["missing.mlir"], "cannot read missing.mlir: No such file or directory"),
        (["."], "cannot read .: Is a directory"),
        (["binary"], "cannot read binary: it is neither MLIR text (UTF-8) nor MLIR bytecode"),
        (["-o", "missing/out.mlir"], "cannot write missing/out.mlir: No such file or directory"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line(arguments: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    assert run("lamina-opt", *arguments, cwd=tmp_path, stdin=SIN) == (2, "", f"lamina-opt: {message}\n")
