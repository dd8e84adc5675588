"""QR codes of links, as SVG for screens and as PNG for print. The modules come from the library qrcode.

It and Pillow are imported when the first code is drawn, because an idle server should not hold them.
"""

import io

# A reader needs four modules of white around the code (ISO/IEC 18004).
QUIET_MODULES = 4
PRINT_PIXELS = 1_500


def qr_svg(link: str) -> bytes:
    """Return the QR code of a link as an SVG picture, in which each run of dark modules is one rectangle."""
    modules = _modules(link)
    runs = "".join(
        f"M{start} {y}h{length}v1h-{length}z"
        for y, row in enumerate(modules)
        for start, length in _dark_runs(row)
    )
    size = len(modules)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size * 8}" height="{size * 8}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path d="{runs}"/></svg>'
    ).encode()


def qr_png(link: str) -> bytes:
    """Return the QR code of a link as a PNG picture in black and white, at least 1,500 pixels wide."""
    from PIL import Image

    modules = _modules(link)
    size = len(modules)
    picture = Image.new("1", (size, size), 1)
    picture.putdata([0 if dark else 1 for row in modules for dark in row])
    scale = -(-PRINT_PIXELS // size)
    file = io.BytesIO()
    picture.resize((size * scale, size * scale), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()


def _modules(link: str) -> list[list[bool]]:
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(link)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def _dark_runs(row: list[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if not dark:
            continue
        if runs and sum(runs[-1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((x, 1))
    return runs
