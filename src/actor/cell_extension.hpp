// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/bounds.hpp>
#include <weft/actor/child_exit.hpp>
#include <weft/actor/watch.hpp>

#include <memory>

namespace weft::inline WEFT_ON::detail {

/// One that is told by a message, or ended, when an actor has ended.
struct watcher : list_hook<watcher> {
  bool is_link = false;
  std::uint64_t number = 0;  // of a monitor
  cell* to = nullptr;        // whom to tell; of a link the other side
  std::uint64_t to_id = 0;
  message<down>* note = nullptr;  // made beforehand; null for a link that ends the other side

  watcher() = default;
  watcher(watcher const&) = delete;
  watcher& operator=(watcher const&) = delete;
  ~watcher() {
    if (!note) return;
    std::destroy_at(&note->content);
    envelope::free(note);
  }
  /// Sends the note; false if there is none.
  bool send(std::uint64_t from, exit_reason const& why) noexcept {
    auto* const n = std::exchange(note, nullptr);
    if (!n) return false;
    n->content = {from, why};
    n->to = to_id;
    to->deliver(*n);
    return true;
  }
  void make_note() { note = make_envelope<message<down>>(down{}); }
};

/// What few actors have: those who wait for the end, who are linked, who supervise it.
///
/// threads   under the cell's lock; its owner's alone once it is taken off the cell
struct cell_extension {
  wait_list waiting;
  wait_list senders;  // who wait for a place
  std::size_t capacity = 0;
  std::size_t used = 0;
  std::size_t surplus = 0;  // so many of the oldest are too much
  overflow when_full = overflow::fail;
  list<watcher> watchers;
  exit_reason ordered;  // by a link
  exit_ticket ticket;
  envelope* first = nullptr;  // a start that goes before what is queued

  cell_extension() = default;
  cell_extension(cell_extension const&) = delete;
  cell_extension& operator=(cell_extension const&) = delete;
  ~cell_extension() {
    while (auto* const w = watchers.pop_front()) delete w;
  }
  [[nodiscard]] watcher* link_to(std::uint64_t id) noexcept {
    for (auto* w = watchers.front(); w; w = watchers.after(*w))
      if (w->is_link && w->to_id == id) return w;
    return nullptr;
  }
};

}  // namespace weft::inline WEFT_ON::detail
