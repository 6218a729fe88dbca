"""Arrays to a device and back."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

import lamina_runtime as lr
from lamina_runtime.buffer import ALIGNMENT, SMALL
from lamina_runtime.dtypes import DTYPES, short_name

from .conftest import BIG, host_results, sample


def round_trip(array: np.ndarray, device: lr.Device, **options: bool) -> np.ndarray:
    view = lr.to_device(array, device, **options)
    return lr.to_host(view, array.dtype.newbyteorder("="), array.shape, device)


@pytest.mark.parametrize("shape", [(), (2, 3), (0, 3), (3, SMALL)], ids=str)
@pytest.mark.parametrize("name", DTYPES)
def test_every_dtype_and_shape_comes_back(name: str, shape: tuple[int, ...], cpu: lr.Device) -> None:
    array = sample(name, shape) if shape else sample(name, (3,))[1:2].reshape(())
    back = round_trip(array, cpu)
    assert back.dtype == array.dtype
    assert back.shape == shape
    assert back.tobytes() == array.tobytes()


@pytest.mark.parametrize("size", [4, BIG])
def test_any_memory_layout(size: int, cpu: lr.Device) -> None:
    base = np.arange(4 * size, dtype="f4")
    unaligned = np.frombuffer(bytes(4) + base.tobytes(), "f4", offset=4)
    read_only = base.copy()
    read_only.setflags(write=False)
    for array in (base[::2], base[::-1], base.reshape(2, -1).T, base[1:], unaligned, base.astype(">f4"), read_only):
        np.testing.assert_array_equal(round_trip(array, cpu), array)
        np.testing.assert_array_equal(round_trip(array, cpu, alias=True), array)


@pytest.mark.parametrize("size", [4, BIG])
def test_a_buffer_is_a_copy_unless_aliasing_is_asked_for(size: int, cpu: lr.Device) -> None:
    array = lr.aligned_empty((size,), np.dtype("f4"))
    array[:] = 1
    view = lr.to_device(array, cpu)
    array[:] = 2
    assert lr.to_host(view, array.dtype, array.shape, cpu)[0] == 1


def test_alias_shares_memory(cpu: lr.Device) -> None:
    array = lr.aligned_empty((BIG,), np.dtype("f4"))
    view = lr.to_device(array, cpu, alias=True)
    assert np.shares_memory(lr.to_host(view, array.dtype, array.shape, cpu), array)


def test_an_alias_keeps_the_array_alive_and_lets_it_go(cpu: lr.Device) -> None:
    array = lr.aligned_empty((BIG,), np.dtype("f4"))
    array[:] = 5
    memory = weakref.ref(array.base)
    view = lr.to_device(array, cpu, alias=True)
    del array
    host = lr.to_host(view, np.dtype("f4"), (BIG,), cpu)
    del view
    assert memory() is not None and (host == 5).all()
    del host
    assert memory() is None


def test_a_result_goes_back_to_the_device_without_a_copy(executable: lr.Executable, cpu: lr.Device) -> None:
    ones = np.ones(BIG, "f4")
    (result,) = host_results(executable, "add_big", ones, ones)
    for array in (result, result.reshape(2, -1), result[16:]):
        view = lr.to_device(array, cpu, alias=True)
        assert np.shares_memory(lr.to_host(view, array.dtype, array.shape, cpu), result)


def test_host_arrays_are_read_only_and_keep_the_buffer(cpu: lr.Device) -> None:
    array = lr.to_host(lr.to_device(np.arange(BIG, dtype="f4"), cpu), np.dtype("f4"), (BIG,), cpu)
    assert array[-1] == BIG - 1
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (3, 1000)])
@pytest.mark.parametrize("name", DTYPES)
def test_aligned_empty(name: str, shape: tuple[int, ...]) -> None:
    array = lr.aligned_empty(shape, DTYPES[name])
    assert (array.shape, array.dtype) == (shape, DTYPES[name])
    assert array.flags.c_contiguous and array.flags.writeable
    assert array.size == 0 or array.ctypes.data % ALIGNMENT == 0


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([object()]), np.zeros(1, "M8[s]"), np.zeros(1, "f4,i4")])
def test_unsupported_dtypes_are_refused(array: np.ndarray, cpu: lr.Device) -> None:
    with pytest.raises(TypeError, match="cannot go to a device; supported are bool i8 i16"):
        lr.to_device(array, cpu)


def test_more_memory_than_there_is(cpu: lr.Device) -> None:
    with pytest.raises(MemoryError):
        lr.to_device(np.broadcast_to(np.float32(1), (1 << 45,)), cpu)


def test_a_wrong_shape_does_not_read_past_the_buffer(cpu: lr.Device) -> None:
    view = lr.to_device(np.ones(4, "f4"), cpu)
    with pytest.raises(TypeError, match="buffer is too small"):
        lr.to_host(view, np.dtype("f4"), (5,), cpu)


def test_short_names() -> None:
    assert [short_name(d) for d in DTYPES.values()] == list(DTYPES)
    assert short_name(np.dtype(">f4")) == "f32"
    assert short_name(np.dtype("M8[s]")) == "datetime64[s]"
