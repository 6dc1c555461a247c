"""Weather for notigate, one source a module: `qweather` and `open_meteo` are asked, `cap` reads files."""
