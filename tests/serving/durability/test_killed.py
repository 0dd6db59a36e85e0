import random
import time

from serving.store.database import open_serving_store

TRIES = 30
CLIENTS = 2


def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    tmp_path, no_model, make_keys, processes, make_server, make_clients
):
    url = f"sqlite:///{tmp_path / 'pouce.db'}"
    store = open_serving_store(url)
    keys = make_keys(store)
    server = make_server(processes(), store_url=url, model=no_model)
    chance = random.Random(5)
    server.start()
    with make_clients(server, keys, CLIENTS) as clients:
        for _ in range(TRIES):
            clients.wait_for_answers(2)
            time.sleep(chance.uniform(0, 0.15))
            server.kill()
            server.start()
        clients.end()
    clients.check_stored(store)
    clients.check_repeated(every=10)
    clients.check_stored(store)
