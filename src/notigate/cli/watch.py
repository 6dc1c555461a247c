"""`notigate watch`: look on while a long run sends."""
