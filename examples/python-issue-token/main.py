"""
Issues tokens of Azure Speech with keys of a pool, from many threads at a time: as the predecessor's sample does, without
its waiting, reporting and choosing.

    PYTHONPATH=clients/python/src python3 examples/python-issue-token/main.py --workers 5 --calls 10
"""

import argparse
import os
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

from azure_key_pool import KeyInUse, KeyPool, NoKeyAvailable

#: Azure's own, or an emulator for all regions.
AZURE = os.environ.get("AZURE_SPEECH_URL", "https://{region}.api.cognitive.microsoft.com")


def issue_token(key: KeyInUse) -> str:
    url = f"{AZURE.format(region=key.region)}/sts/v1.0/issueToken"
    request = Request(url, data=b"", headers={"Ocp-Apim-Subscription-Key": key.key})
    with urlopen(request, timeout=30) as response:
        return response.read().decode()


def main() -> None:
    options = argparse.ArgumentParser(description="Issues tokens with keys of a pool.")
    options.add_argument("--url", default=os.environ.get("AZURE_KEY_POOL_URL", "http://127.0.0.1:3000"))
    options.add_argument("--region", default="eastasia")
    options.add_argument("--workers", type=int, default=5)
    options.add_argument("--calls", type=int, default=10, help="of each worker")
    given = options.parse_args()

    with KeyPool(f"{given.url}/api", token=os.environ.get("AZURE_KEY_POOL_TOKEN")) as pool:

        def work(worker: int) -> str:
            tokens = 0
            for _ in range(given.calls):
                try:
                    # Another key is tried where one is throttled or refused; each is reported.
                    pool.with_key(given.region, issue_token, wait=30)
                    tokens += 1
                except NoKeyAvailable as error:
                    return f"worker {worker}: {tokens} tokens, then {error}; to come back in {error.retry_after} s"
            return f"worker {worker}: {tokens} tokens"

        with ThreadPoolExecutor(given.workers) as workers:
            for line in workers.map(work, range(given.workers)):
                print(line)


if __name__ == "__main__":
    main()
