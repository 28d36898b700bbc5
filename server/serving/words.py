"""What `make serve` prints when it is ready."""

from __future__ import annotations

import socket

from server.serving.first import Ready

_LOCAL = ("127.0.0.1", "localhost", "::1")


def address(public_url: str, bind: str, port: int) -> str:
    """Return the address that phones and browsers should use, without a slash at its end."""
    if public_url:
        return public_url
    host = _own_address() if bind in ("0.0.0.0", "::") else bind  # noqa: S104  (compared, not bound)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def device_url(base: str, ready: Ready) -> str:
    """Return the server address that a phone is set to."""
    return f"{base}/v1/key/{ready.token}/projects/{ready.project.pk}"


def ready_words(base: str, ready: Ready, qr: str) -> str:
    """Return the whole text: address, account, and the first device's URL with its QR code."""
    return "\n".join(
        [
            "",
            f"Sổ Xã đang chạy tại   {base}",
            f"Tài khoản giám sát    {ready.supervisor.email}",
            f"Mật khẩu              {_password_words(ready)}",
            *_device_words(base, ready, qr),
            "Dừng: Ctrl-C",
            "",
        ]
    )


def _device_words(base: str, ready: Ready, qr: str) -> list[str]:
    if ready.app_user is None:
        return ["Tạo khoá cho điện thoại: manage.py create_app_user «Tên máy»"]
    revoked = ", ĐÃ BỊ THU HỒI" if ready.app_user.revoked_at else ""
    return [
        f"Địa chỉ cho điện thoại (ODK Collect), «{ready.app_user.display_name}»{revoked}",
        f"  {device_url(base, ready)}",
        *_reach(base),
        "Hoặc quét mã này trong ODK Collect (Thêm dự án → Quét mã QR):",
        qr,
    ]


def _password_words(ready: Ready) -> str:
    if ready.password:
        return f"{ready.password}   (chỉ hiện một lần này, hãy ghi lại)"
    return "đã đặt từ trước; quên thì: manage.py reset_password " + ready.supervisor.email


def _reach(base: str) -> list[str]:
    if not any(f"//{name}:" in base or f"//[{name}]:" in base for name in _LOCAL):
        return []
    return ["  (chỉ máy này vào được; cho điện thoại cùng mạng: BIND=0.0.0.0 make serve)"]


def _own_address() -> str:
    """Return this machine's address in its network; no packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737: the kernel only picks a route
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
        return address
