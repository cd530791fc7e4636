"""The tutorial's own program (section 7), for the page that is named: 400 times, with 4 processes."""

import asyncio
import sys
import time
from multiprocessing import Pool

import aiohttp

all_urls = sys.argv[1:2] * 400


async def get_html(url, sem):
    async with sem:
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as resp:
                await resp.text()


async def get_all(urls):
    sem = asyncio.Semaphore(10)
    await asyncio.wait([asyncio.ensure_future(get_html(url, sem)) for url in urls])


def main(urls):
    # Here the tutorial takes the loop of the process, and closes it.
    asyncio.run(get_all(urls))


if __name__ == "__main__":
    start = time.time()
    pool = Pool(4)
    for i in range(4):
        pool.apply_async(main, args=(all_urls[i * 100 : (i + 1) * 100],))
    pool.close()
    pool.join()
    print(f"elapsed: {time.time() - start:.3f} s")
