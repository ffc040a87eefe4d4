"""The order in which the engine creates the resources of a stack."""
import heapq
import random
from collections import defaultdict

import settings
from ministack.services.cloudformation import engine


def topological_sort(resources, conditions):
    """An order of the resources that the dependencies allow. The setting chooses it among all that they allow."""
    active = {name for name, spec in resources.items()
              if not spec.get('Condition') or conditions.get(spec['Condition'], True)}
    names = sorted(active, reverse=settings.ORDER == 'descending')
    if settings.ORDER not in ('ascending', 'descending'):
        random.Random(settings.ORDER).shuffle(names)
    rank = {name: index for index, name in enumerate(names)}
    missing = {name: engine._extract_deps(resources[name], active) - {name} for name in active}
    users = defaultdict(list)
    for name, used in missing.items():
        for each in used:
            users[each].append(name)
    ready, order = [rank[name] for name in active if not missing[name]], []
    heapq.heapify(ready)
    while ready:
        name = names[heapq.heappop(ready)]
        order.append(name)
        for user in users[name]:
            missing[user].discard(name)
            if not missing[user]:
                heapq.heappush(ready, rank[user])
    if len(order) != len(active):
        circle = ', '.join(sorted(active - set(order)))
        raise ValueError(f'Circular dependency between resources: [{circle}]')
    return order
