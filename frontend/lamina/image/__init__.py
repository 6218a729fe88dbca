"""Images in other sizes: ``lamina.image.resize``."""

from lamina.image._scaling import ResizeMethod, resize, scale_and_translate

__all__ = ["ResizeMethod", "resize", "scale_and_translate"]
