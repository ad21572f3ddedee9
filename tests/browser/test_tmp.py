import pytest, time, collections
from tests.browser import tour, hands
from tests.browser import test_every_page as t
pytestmark = pytest.mark.asyncio(loop_scope="session")
T=collections.Counter(); N=collections.Counter()
def wrap(cls, name):
    f=getattr(cls,name)
    async def g(self,*a,**k):
        t0=time.time()
        try: return await f(self,*a,**k)
        finally: T[name]+=time.time()-t0; N[name]+=1
    setattr(cls,name,g)
from playwright.async_api import Page, Locator
for n in ("press","choose","write"): wrap(hands.Thumb,n)
for n in ("goto","evaluate","emulate_media","get_attribute"): wrap(Page,n)
for n in ("tap","count","inner_text","is_checked","get_attribute"): wrap(Locator,n)
async def test_it(pages):
    t0=time.time()
    async with pages(steps=tour.STEPS) as p:
        print("open", time.time()-t0)
        async for name, page in tour.tour(p, "da"):
            t1=time.time(); await t._faults(page,"da"); T["faults"]+=time.time()-t1
    print("all", time.time()-t0)
    for k,v in T.most_common(): print(k, round(v,2), N[k])
