%% SPDX-License-Identifier: Apache-2.0
%% What Erlang does in the rows scheme.*: reads "QUESTION TIMES" lines, answers with nanoseconds.
-module(weft_rival).
-export([main/0]).

main() ->
    case io:get_line("") of
        eof -> halt(0);
        Line ->
            [Question, Times] = string:tokens(string:trim(Line), " "),
            N = list_to_integer(Times),
            Start = erlang:monotonic_time(nanosecond),
            ask(Question, N),
            io:format("~w~n", [erlang:monotonic_time(nanosecond) - Start]),
            main()
    end.

ask("yield", N) -> yields(N);
ask("spawn", N) -> spawns(N);
ask("await", N) -> awaits(N);
ask("pingpong", N) ->
    Other = spawn(fun pong/0),
    pings(N, Other),
    exit(Other, kill);
ask("ring", N) ->
    First = build(self(), 1000),
    rounds(N div 1000, First).

yields(0) -> ok;
yields(N) -> erlang:yield(), yields(N - 1).

spawns(N) ->
    Me = self(),
    start(N, Me),
    collect(N).
start(0, _) -> ok;
start(N, Me) -> spawn(fun() -> Me ! done end), start(N - 1, Me).
collect(0) -> ok;
collect(N) -> receive done -> collect(N - 1) end.

awaits(0) -> ok;
awaits(N) ->
    Me = self(),
    Child = spawn(fun() -> Me ! {self(), 1} end),
    receive {Child, 1} -> awaits(N - 1) end.

pong() -> receive From -> From ! pong, pong() end.
pings(0, _) -> ok;
pings(N, Other) -> Other ! self(), receive pong -> pings(N - 1, Other) end.

build(Next, 0) -> Next;
build(Next, Left) -> build(spawn(fun() -> member(Next) end), Left - 1).
member(Next) ->
    receive Left ->
        Next ! Left,
        if Left > 0 -> member(Next); true -> ok end
    end.
rounds(0, _) -> ok;
rounds(Left, First) -> First ! Left - 1, receive _ -> rounds(Left - 1, First) end.
