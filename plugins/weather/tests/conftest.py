import pytest

from notigate.edges import Timeouts, real_now
from notigate.edges.http import Session
from notigate.plugin import Place, Tools

CHENGDU = Place(city="成都", latitude=30.5723, longitude=104.0665, areas=("5101", "Chengdu"))


@pytest.fixture
def place():
    return CHENGDU


@pytest.fixture
def tools():
    with Session(Timeouts(connect=1.0, read=0.3, total=0.6), connections=2) as session:
        yield Tools(session=lambda: session, now=real_now, timeout=(1.0, 0.3))
