"""Sums, products, maxima and minima of segments of an array."""

from lamina.ops._segments import segment_max as segment_max
from lamina.ops._segments import segment_min as segment_min
from lamina.ops._segments import segment_prod as segment_prod
from lamina.ops._segments import segment_sum as segment_sum
