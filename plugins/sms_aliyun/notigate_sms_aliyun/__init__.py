"""Aliyun SMS for notigate."""
