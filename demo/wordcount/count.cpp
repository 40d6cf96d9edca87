// SPDX-License-Identifier: Apache-2.0
#include "count.hpp"

#include "failure.hpp"

#include <algorithm>
#include <chrono>

namespace wordcount {
namespace {

constexpr unsigned patience = 3;  // failed attempts of one task

/// Reads the files, and sends them in chunks. Buffers come back through `spare`.
weft::task<std::uint64_t> cut_files(request const& what, weft::receiver<buffer> spare,
                                    weft::sender<chunk> full) {
  chunk_source source(what.files, what.chunk_size);
  while (auto room = co_await spare.recv()) {
    chunk next;
    auto const fill = [&] { return source.fill(next, *room); };
    auto state = chunk_source::state::waiting;
    while (state == chunk_source::state::waiting) state = co_await weft::blocking(fill);
    if (state == chunk_source::state::ended) break;
    auto const sent = co_await full.send(std::move(next));
    if (!sent) break;  // a counting task has closed the channel: it met what is not UTF-8
  }
  co_return source.chunks();
}

/// Counts chunks until there are no more. What was published stays if this fails.
weft::task<> count_chunks(counter& mine, fault& f, weft::receiver<chunk> full,
                          weft::sender<buffer> spare) {
  word_table words;
  for (;;) {
    if (!mine.in_hand) mine.in_hand = co_await full.recv();
    if (!mine.in_hand) co_return;
    auto& c = *mine.in_hand;
    words.clear();
    if (auto const bad = count_words(c.text(), words); bad != well_formed) {
      mine.not_utf8 = {c.file, c.offset + bad};
      full.close();  // what is before this chunk is with the other tasks or still in the channel
      co_return;
    }
    f.strike(fault_point::before, c);
    {
      auto published = co_await mine.published.acquire();
      published->publish(c, words, f);
    }
    f.strike(fault_point::after, c);
    (void)spare.try_send(std::move(c.bytes));  // refused only when the reader has ended
    mine.in_hand.reset();
  }
}

/// Counts chunks, and begins again with the chunk in hand if an attempt fails.
weft::task<> keep_counting(counter& mine, fault& f, weft::receiver<chunk> full,
                           weft::sender<buffer> spare) {
  for (;;) {
    try {
      co_await count_chunks(mine, f, full, spare);
      co_return;
    } catch (attempt_failed const&) {
      if (++mine.retries > patience) throw;
    }
  }
}

/// One counting task for each counter. Only they keep these ends of the channels: when the last one
/// has ended, the reader learns of it.
void spawn_counting(weft::group& g, std::vector<counter>& counters, fault& f,
                    weft::receiver<chunk> full, weft::sender<buffer> spare) {
  for (auto& c : counters) (void)g.spawn(keep_counting, std::ref(c), std::ref(f), full, spare);
}

/// The reader and the counting tasks, as one group. Returns the number of chunks.
weft::task<std::uint64_t> count_in_group(request const& what, fault& f,
                                         std::vector<counter>& counters) {
  // with_group keeps the lambda as long as its coroutine runs, so it may capture.
  // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines)
  auto const body = [&](weft::group& g) -> weft::task<std::uint64_t> {
    auto const n = counters.size();
    auto full = weft::make_channel<chunk>(n, "chunks");
    auto spare = weft::make_channel<buffer>(3 * n, "spare buffers");
    for (std::size_t i = 0; i < 3 * n; ++i) (void)spare.tx.try_send(buffer(what.chunk_size));
    auto read = g.spawn(cut_files, std::cref(what), std::move(spare.rx), std::move(full.tx));
    spawn_counting(g, counters, f, std::move(full.rx), std::move(spare.tx));
    co_return co_await read.get();
  };
  auto const chunks = co_await weft::with_group(body);
  co_return chunks;
}

void throw_if_not_utf8(std::vector<counter> const& counters, request const& what) {
  std::optional<counter::defect> first;
  for (auto const& c : counters)
    if (c.not_utf8 && (!first || *c.not_utf8 < *first)) first = c.not_utf8;
  if (first)
    throw failure(what.files[first->file] + " is not UTF-8: bad byte at offset " +
                  std::to_string(first->offset) + "; convert it first, as iconv -t UTF-8 does");
}

/// Adds up what the tasks have published.
weft::task<result> add_up(std::vector<counter>& counters, std::size_t top) {
  result sum;
  word_table words;
  for (auto& c : counters) {
    auto published = co_await c.published.acquire();
    words.reserve_for(published->words);
    words.add(published->words);
    sum.bytes += published->bytes;
    sum.chunks += published->chunks;
    sum.retries += c.retries;
  }
  sum.words = words.total();
  sum.distinct = words.distinct();
  sum.top = words.top(top);
  co_return sum;
}

}  // namespace

weft::task<result> count_files(request what) {
  auto const begun = std::chrono::steady_clock::now();
  std::uint64_t total = 0;
  auto const check = [&] {
    for (auto const& path : what.files) total += input_file::check(path);
  };
  co_await weft::blocking(check);

  auto const workers = weft::current_runtime().workers();
  std::vector<counter> counters(workers);
  fault f(what.fail, total / what.chunk_size / 2);
  auto work = count_in_group(what, f, counters);
  std::uint64_t chunks = 0;
  if (what.progress) {
    auto both = weft::when_any(std::move(work), show_progress(counters, total));
    auto const done = co_await std::move(both);
    chunks = std::get<0>(done);
  } else {
    chunks = co_await std::move(work);
  }
  throw_if_not_utf8(counters, what);

  auto sum = co_await add_up(counters, what.top);
  if (sum.chunks != chunks) throw std::logic_error("a chunk was lost, or counted twice");
  sum.workers = workers;
  sum.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  co_return sum;
}

}  // namespace wordcount
