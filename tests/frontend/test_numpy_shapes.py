"""Creation, manipulation and contraction against NumPy; eager and in one compiled program."""

import warnings

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors

A = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
M = np.array([[1, 2, 3], [4, 5, 7]], np.float32)
N = np.array([[1, -2], [0, 3], [2, 2]], np.float32)
V = np.array([3, 1, 2], np.float32)

MANIPULATION = {
    "reshape": lambda xp: xp.reshape(A, (4, -1)),
    "reshape F": lambda xp: xp.reshape(M, (3, 2), order="F"),
    "ravel": lambda xp: xp.ravel(A),
    "transpose": lambda xp: xp.transpose(A, (1, -1, 0)),
    "T": lambda xp: xp.transpose(A),
    "matrix_transpose": lambda xp: xp.matrix_transpose(A),
    "swapaxes": lambda xp: xp.swapaxes(A, 0, -1),
    "moveaxis": lambda xp: xp.moveaxis(A, [0, 1], [-1, 0]),
    "rollaxis": lambda xp: xp.rollaxis(A, 2),
    "squeeze": lambda xp: xp.squeeze(A[:1, :, None]),
    "expand_dims": lambda xp: xp.expand_dims(M, (0, -1)),
    "broadcast_to": lambda xp: xp.broadcast_to(V, (2, 3)),
    "concatenate": lambda xp: xp.concatenate([M, M[:1], M], axis=0),
    "concatenate flat": lambda xp: xp.concatenate([M, V], axis=None),
    "stack": lambda xp: xp.stack([M, M + 1, M + 2], axis=-1),
    "vstack": lambda xp: xp.vstack([V, M]),
    "hstack": lambda xp: xp.hstack([M, M[:, :1]]),
    "dstack": lambda xp: xp.dstack([M, M]),
    "column_stack": lambda xp: xp.column_stack([V, V]),
    "append": lambda xp: xp.append(M, V),
    "split": lambda xp: xp.split(A, [1, 3], axis=2),
    "array_split": lambda xp: xp.array_split(A, 3, axis=2),
    "hsplit": lambda xp: xp.hsplit(M, 3),
    "unstack": lambda xp: xp.unstack(A, axis=1),
    "tile": lambda xp: xp.tile(M, (2, 1, 2)),
    "repeat": lambda xp: xp.repeat(M, 2, axis=1),
    "repeat each": lambda xp: xp.repeat(V, np.array([1, 0, 2])),
    "roll": lambda xp: xp.roll(A, (1, -2), axis=(0, 2)),
    "roll flat": lambda xp: xp.roll(M, 2),
    "flip": lambda xp: xp.flip(A, (0, 2)),
    "rot90": lambda xp: [xp.rot90(M, k) for k in range(-1, 4)],
    "pad": lambda xp: xp.pad(M, ((1, 0), (0, 2)), constant_values=5),
    "pad sides": lambda xp: xp.pad(M, 1, constant_values=((1, 2), (3, 4))),
    "pad edge": lambda xp: xp.pad(M, (1, 2), "edge"),
    "pad reflect": lambda xp: xp.pad(V, (7, 4), "reflect"),
    "pad symmetric": lambda xp: xp.pad(V, (7, 8), "symmetric"),
    "pad wrap": lambda xp: xp.pad(V, (4, 7), "wrap"),
    "atleast": lambda xp: [xp.atleast_1d(V[0]), xp.atleast_2d(V), xp.atleast_3d(M)],
}
CONTRACTION = {
    "dot": lambda xp: [xp.dot(M, N), xp.dot(M, V), xp.dot(V, V), xp.dot(A, np.ones((4, 2))), xp.dot(2.0, V)],
    "matmul": lambda xp: [xp.matmul(M, N), xp.matmul(M, V), xp.matmul(V, N), xp.matmul(A, A.swapaxes(1, 2))],
    "matmul broadcast": lambda xp: xp.matmul(A[:, None], A.swapaxes(1, 2)),
    "matmul vector": lambda xp: [xp.matmul(V, A), xp.matmul(A, A[0, 0])],
    "empty": lambda xp: xp.matmul(M[:, :0], N[:0]),
    "vdot": lambda xp: xp.vdot(M * 1j, M),
    "vecdot": lambda xp: xp.vecdot(M * 1j, V),
    "inner": lambda xp: [xp.inner(M, V), xp.inner(M, M)],
    "outer": lambda xp: xp.outer(V, M),
    "tensordot": lambda xp: [xp.tensordot(M, N, 1), xp.tensordot(M, N, ((0, 1), (1, 0))), xp.tensordot(V, V, 0)],
    "kron": lambda xp: [xp.kron(M, V), xp.kron(M, N)],
    "cross": lambda xp: [xp.cross(M, V), xp.cross(V, V[::-1])],
    "trace": lambda xp: [xp.trace(M), xp.diagonal(A, 1, 1, 2), xp.diag(V, -1), xp.diag(M, 1)],
    "einsum": lambda xp: [
        xp.einsum(text, *arrays)
        for text, *arrays in [
            ("ij,jk", M, N), ("ij->ji", M), ("ij->", M), ("ii->i", M[:, :2]), ("ii", M[:, :2]), ("i,i->i", V, V),
            ("i,j,k->kij", V, V, V), ("...i->...", A), ("bij,bkj->bik", A, A), ("ij,jk,kl->il", M, N, M),
            ("iij,j->i", A[:, :2], A[0, 0]), ("ab,ab,c->", M, M, V),
            ("...ij,...jk->...ik", A[:, None], A.swapaxes(1, 2)),
        ]
    ],
}  # fmt: skip
CREATION = {
    "arange": lambda xp: [xp.arange(5), xp.arange(2, 9, 3), xp.arange(5, 0, -2), xp.arange(0), xp.arange(0.0, 1, 0.3)],
    "linspace": lambda xp: [
        xp.linspace(0, 1, 5),
        xp.linspace(0, 1, 4, endpoint=False),
        xp.linspace(V, 2 * V, 3, axis=1),
    ],
    "linspace few": lambda xp: [xp.linspace(0, 1, 1), xp.linspace(0, 1, 0), xp.linspace(2, 10, 5, dtype=int)],
    "logspace": lambda xp: [xp.logspace(0, 2, 3), xp.geomspace(1, 1000, 4)],
    "eye": lambda xp: [xp.eye(3), xp.eye(2, 4, 1), xp.eye(4, 2, -1, dtype=int), xp.identity(2)],
    "tri": lambda xp: [xp.tri(3, 4, 1), xp.tril(A, -1), xp.triu(M, 1)],
    "diag": lambda xp: [xp.diag(V, 2), xp.diagflat(M), xp.vander(V), xp.vander(V, 2, increasing=True)],
    "grid": lambda xp: [*xp.meshgrid(V, V[:2]), *xp.meshgrid(V, V[:2], indexing="ij", sparse=True), xp.indices((2, 3))],
    "full": lambda xp: [
        xp.zeros((2, 0)),
        xp.ones(3),
        xp.full((2, 2), 7.5),
        xp.full_like(M, 2),
        xp.zeros_like(V),
        xp.empty((0,)),
    ],
}
TABLES = {"manipulation": MANIPULATION, "contraction": CONTRACTION, "creation": CREATION}


def leaves(x):
    return list(x) if isinstance(x, (list, tuple)) else [x]


def assert_same(name, got, want, rtol=1e-6):
    got, want = leaves(got), leaves(want)
    assert len(got) == len(want), name
    for a, b in zip(got, want, strict=True):
        assert isinstance(a, la.Array) and a.shape == np.shape(b), name
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("table", TABLES)
def test_against_numpy(table):
    for name, case in TABLES[table].items():
        assert_same(name, case(lnp), case(np), rtol=1e-5)


def test_compiled(monkeypatch):
    """The same programs with traced operands in one compilation."""
    tables = {**MANIPULATION, **CONTRACTION}
    want = {name: case(np) for name, case in tables.items()}
    scope = tables["reshape"].__globals__
    operands = {name: scope[name] for name in "AMNV"}

    def every(operands):
        for name, x in operands.items():
            monkeypatch.setitem(scope, name, x)
        return {name: leaves(case(lnp)) for name, case in tables.items()}

    got = la.jit(every)(operands)
    monkeypatch.undo()
    for name in tables:
        assert_same(name, got[name], want[name], rtol=1e-5)


def test_array():
    assert lnp.array([[1, 2], [3, 4.5]]).dtype == np.float32 and lnp.array([1, True]).dtype == np.int32
    assert lnp.array([]).dtype == np.float32 and lnp.array([1, 2j]).dtype == np.complex64
    assert lnp.array([np.int8(1), 2]).dtype == np.int8 and lnp.array(3, ndmin=2).shape == (1, 1)
    assert lnp.array(1.0).weak_type and not lnp.array([1.0]).weak_type and not lnp.array(True).weak_type
    assert lnp.array([lnp.arange(2), np.arange(2.0)]).dtype == np.float32
    assert la.vmap(lambda v: lnp.array([v, v + 1]))(lnp.arange(2)).tolist() == [[0, 1], [1, 2]]
    source = np.zeros(2, np.float32)
    x = lnp.asarray(source)
    source[0] = 1
    assert x.tolist() == [0, 0]  # what happens to NumPy's array is not seen
    assert lnp.asarray(x) is x


def test_scalar_types():
    assert lnp.float32(1).dtype == np.float32 and not lnp.float32(1).weak_type
    assert lnp.zeros(2, lnp.bfloat16).dtype == lnp.bfloat16 and lnp.int8 == np.dtype("int8")
    assert lnp.finfo(lnp.float32).eps == np.finfo(np.float32).eps and lnp.iinfo("int8").max == 127
    assert lnp.result_type(lnp.zeros(1, "int8"), 1.5) == np.float32 and lnp.issubdtype(lnp.float16, lnp.floating)
    assert lnp.full(2, 3).weak_type and not lnp.zeros(2).weak_type and lnp.ones_like(3.0).weak_type
    with pytest.warns(errors.X64DisabledWarning, match="float64 is not available"):
        assert lnp.zeros(2, "float64").dtype == np.float32
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert lnp.zeros(2, float).dtype == np.float32


def test_methods():
    """Methods are the functions; some take several arguments for one."""
    x = lnp.array(M)
    assert x.reshape(3, 2).shape == x.reshape((3, -1)).shape == (3, 2) and x.transpose(1, 0).shape == x.T.shape == (
        3,
        2,
    )
    assert lnp.array(A).mT.shape == (2, 4, 3) and x.flatten().shape == (6,) and x.astype(int).dtype == np.int32
    assert x.sum().item() == x.sum(0).sum().item() == 22 and x.max(axis=1).tolist() == [3, 7] and x.argmax().item() == 5
    assert x.clip(2, 4).tolist() == [[2, 2, 3], [4, 4, 4]] and x.dot(V).tolist() == [11, 31] and x.all().item()
    assert x.view(lnp.int32).dtype == np.int32 and x.copy().tolist() == x.tolist() and x.take(0).item() == 1
    assert (
        (x + 1j).imag.tolist() == [[1] * 3] * 2
        and (x * 1j).real.tolist() == [[0] * 3] * 2
        and x.round().tolist() == x.tolist()
    )
    assert [row.tolist() for row in x] == x.tolist() and len(x) == 2
    assert la.vmap(lambda x: x.trace())(lnp.array([M, M])).tolist() == [np.trace(M)] * 2
    assert lnp.roll(x, lnp.int32(1), axis=1).tolist() == np.roll(M, 1, axis=1).tolist()
    assert la.vmap(lambda row, k: lnp.roll(row, k))(x, lnp.array([1, -1])).tolist() == [[3, 1, 2], [5, 7, 4]]


def test_concatenate_is_one_operation():
    """A hundred arrays are joined in a tree whose lowering is a single concatenation."""
    text = la.make_ir(lambda x: lnp.concatenate([x + i for i in range(100)]), np.zeros(3, np.float32), stage="linalg")
    assert text.count("tensor.concat") <= 1


def test_padding_joins_no_more_than_it_needs():
    """A mirrored edge is read from the edge alone, not from a whole copy of the array."""
    for mode in ("reflect", "symmetric", "wrap"):
        text = la.make_ir(lambda x, mode=mode: lnp.pad(x, 2, mode=mode), np.zeros(50, np.float32), stage="simplify")
        assert "tensor<54xf32>" in text and "tensor<100xf32>" not in text and "tensor<50xf32>" in text, mode
        assert np.array_equal(lnp.pad(V, (7, 9), mode), np.pad(V, (7, 9), mode))  # several lengths of the array


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lnp.reshape(M, (4, 2)), r"6 elements does not fit into the shape \(4, 2\).*a has the shape \(2, 3\)"),
        (lambda: lnp.concatenate([M, N]), r"arrays\[0\] has the shape \(2, 3\), arrays\[1\] has the shape \(3, 2\)"),
        (lambda: lnp.concatenate([1, 2]), "numbers have no axis"),
        (lambda: lnp.stack([M, N]), "all arrays must have one shape"),
        (lambda: lnp.broadcast_to(M, (3, 3)), "does not broadcast"),
        (lambda: lnp.matmul(M, M), r"axis 1 of a and axis 0 of b.*a has the shape \(2, 3\), b has the shape \(2, 3\)"),
        (lambda: lnp.matmul(M, 2), "must have an axis"),
        (lambda: lnp.einsum("ij,jk", M, M), r"lnp.einsum\('ij,jk'\).*operands\[0\] has the shape \(2, 3\)"),
        (lambda: lnp.split(V, 2), "no 2 equal parts"),
        (lambda: lnp.squeeze(M, 0), "do not all have the size 1"),
        (lambda: lnp.array([[1], [1, 2]]), "unequal lengths"),
        (lambda: lnp.transpose(A, (0, 1)), "name every axis once"),
    ],
)
def test_shape_errors(call, message):
    with pytest.raises(errors.ShapeError, match=message):
        call()


def test_other_errors():
    with pytest.raises(errors.DTypeError, match="<U1"):
        lnp.array("a")
    with pytest.raises(errors.NonArrayArgumentError, match="None"):
        lnp.array([None])
    with pytest.raises(errors.NonArrayArgumentError, match="`a` is a list"):
        lnp.reshape([1, 2], (2, 1))
    with pytest.raises(OverflowError):
        lnp.array([2**40])
    with pytest.raises(ValueError, match="negative size"):
        lnp.zeros((2, -1))
    with pytest.raises(errors.JAXTypeError, match=r"x = x.at\[index\].set\(value\)"):
        lnp.zeros(2)[0] = 1
