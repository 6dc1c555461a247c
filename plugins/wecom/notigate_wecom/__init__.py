"""WeCom for notigate."""
