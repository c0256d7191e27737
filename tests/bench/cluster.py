#!/usr/bin/env python3
"""Recall of suggestions: `fortnight cluster --neighbours N` beside plain bigram Jaccard and bigram TF-IDF.

usage: cluster.py [--fortnight FILE] [--n 5] PAIRS.tsv

PAIRS.tsv: question, tab, question, tab, 1 (same meaning) or 0. A pair counts as found when a question of the same meaning is among
the N nearest of its first one. Exit 1 where a plain measure finds as many or more."""
import argparse, collections, math, subprocess, sys, tempfile, unicodedata

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument('--fortnight', default='./fortnight')
parser.add_argument('--n', type=int, default=5)
parser.add_argument('pairs')
options = parser.parse_args()

pairs = []
for line in open(options.pairs, encoding='utf-8-sig'):
    cells = line.rstrip('\r\n').split('\t')
    if len(cells) == 3 and cells[0] != cells[1]:
        pairs.append((cells[0], cells[1], cells[2] == '1'))
lines = list(dict.fromkeys(text for pair in pairs for text in pair[:2]))
place = {text: i for i, text in enumerate(lines)}
meaning = list(range(len(lines)))
for a, b, same in pairs:                       # questions joined by "same" pairs mean the same
    if same:
        old, new = meaning[place[a]], meaning[place[b]]
        meaning = [new if m == old else m for m in meaning]

def features(text):
    plain = [c for c in unicodedata.normalize('NFKC', text).casefold() if c.isalnum()]
    return collections.Counter(a + b for a, b in zip(plain, plain[1:]))

bags = [features(text) for text in lines]
holders = collections.defaultdict(list)
for i, bag in enumerate(bags):
    for feature in bag:
        holders[feature].append(i)
idf = {feature: math.log(len(lines) / len(held)) for feature, held in holders.items()}
norms = [math.sqrt(sum((n * idf[f]) ** 2 for f, n in bag.items())) or 1 for bag in bags]

def nearest(measure):
    for i, bag in enumerate(bags):
        shared = collections.Counter()
        for feature, count in bag.items():
            for j in holders[feature]:
                shared[j] += 1 if measure == 'jaccard' else count * bags[j][feature] * idf[feature] ** 2
        del shared[i]
        rank = (lambda j: shared[j] / (len(bag) + len(bags[j]) - shared[j])) if measure == 'jaccard' else (lambda j: shared[j] / norms[j])
        yield sorted(shared, key=lambda j: (-rank(j), j))[:options.n]

def ours():
    with tempfile.NamedTemporaryFile('w', suffix='.txt', encoding='utf-8') as out:
        out.writelines(text + '\n' for text in lines)
        out.flush()
        answer = subprocess.run([options.fortnight, 'cluster', '--neighbours', str(options.n), out.name], check=True, capture_output=True)
    return [[int(n) - 1 for n in row.split()] for row in answer.stdout.decode().split('\n')[:-1]]

def found(near):
    return sum(any(meaning[j] == meaning[place[a]] for j in near[place[a]]) for a, _, same in pairs if same)

results = {'bigram Jaccard': found(list(nearest('jaccard'))), 'bigram TF-IDF': found(list(nearest('tfidf'))), 'fortnight cluster': found(ours())}
total = sum(same for *_, same in pairs)
for name, hits in results.items():
    print(f'{name:<18} recall@{options.n} {hits / max(total, 1):.3f}  {hits} of {total}')
sys.exit(results['fortnight cluster'] <= max(hits for name, hits in results.items() if name != 'fortnight cluster'))
