# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
#
# table.awk - one row of the bench, from what pairtime says of bpflens, the peers and the floor
#
# A line of input: name wall best CPU RSS bytes lines status wall-ratio CPU-ratio, where a ratio is that of
# bpflens to this one. Variables: row goal mib against peers format; with heads="A B" it prints the table's head.

function cell(text, width) { return sprintf("%" width "s", text) }
function number(value, digits, width) { return cell(sprintf("%." digits "f", value), width) }

function verdict(is_known, value, most) {
	if (most == "-")
		return "-"
	return !is_known ? "?" : value <= most ? "met" : "MISSED"
}

function print_heads(    letters, n, i, top, line, ratios, memory) {
	n = split(heads, letters, " ")
	line = cell("bpflens", 9)
	memory = cell("bpflens", 9)
	for (i = 1; i <= n; i++) {
		line = line cell(letters[i], 9)
		top = top cell("", 9)
		ratios = ratios cell("bpflens/" letters[i], 16)
		memory = memory cell(letters[i], 7)
	}
	line = line cell("floor", 9)
	for (i = 1; i <= n; i++)
		line = line cell("wall", 9) cell("CPU", 7)
	print cell("", -21) cell("wall, ms", 18) top ratios cell("/floor", 9) cell("peak RSS, KiB", 15)
	print cell("row", -21) line cell("wall", 9) memory cell("goal", 8) cell("time", 8) cell("RSS", 8)
}

BEGIN {
	FS = "\t"
	if (heads != "") {
		print_heads()
		exit
	}
}

{
	if (NR == 1) {
		bytes = $6 + ($6 == 0)
		is_failed = $8 != 0
	}
	is_peer = NR > 1 && NR <= peers + 1
	is_rival = NR > 1 && (against == "floor") == !is_peer
	if (is_rival && $8 == 0 && !is_failed && $9 > worst)
		worst = $9 # the fastest one's
	if (is_rival && $8 == 0 && !is_failed && $10 > worst_cpu)
		worst_cpu = $10
	if (is_peer && $6 > 0 && $6 / bytes > 0.9 && $6 / bytes < 1.1)
		is_alike = 1
	lines[NR] = $0
}

function print_tsv(    i, j, f) {
	for (i = 1; i <= NR; i++) {
		split(lines[i], f, "\t")
		printf "%s\t%s", row, f[1]
		for (j = 2; j <= 8; j++)
			printf "\t%s", f[j]
		if (i == 1)
			printf "\t%s\t-\t%s\t%s\t%s\t%s\n", worst ? worst : "-", goal, time_met, mib, memory_met
		else
			printf "\t%s\t%s\t-\t-\t-\t-\n", f[9], f[10]
	}
}

function print_text(    i, f, is_known, walls, ratios, memory, floor_wall, floor_ratio) {
	floor_wall = floor_ratio = "-"
	for (i = 1; i <= NR; i++) {
		split(lines[i], f, "\t")
		is_known = f[8] == 0 && !is_failed
		if (i > peers + 1) {
			floor_wall = number(f[2], 2, 1)
			floor_ratio = is_known ? number(f[9], 2, 1) : "-"
			continue
		}
		walls = walls cell(f[8] == 0 ? number(f[2], 2, 1) : "failed", 9)
		memory = memory cell(f[5], i == 1 ? 9 : 7)
		if (i > 1)
			ratios = ratios (is_known ? number(f[9], 3, 9) number(f[10], 3, 7) : cell("-", 9) cell("-", 7))
	}
	print cell(row (is_alike ? "" : " *"), -21) walls cell(floor_wall, 9) ratios cell(floor_ratio, 9) memory \
		cell(against == "floor" ? "f " goal : goal, 8) cell(time_met, 8) cell(memory_met, 8)
}

END {
	if (heads != "")
		exit
	split(lines[1], own, "\t")
	time_met = verdict(worst, worst, goal + 0 == 0 ? "-" : goal + 0)
	if (time_met == "MISSED" && verdict(worst_cpu, worst_cpu, goal + 0) == "met")
		time_met = "unsure" # waiting for something, or for others that use the CPUs
	memory_met = verdict(!is_failed, own[5], mib + 0 == 0 ? "-" : mib * 1024)
	if (format == "tsv")
		print_tsv()
	else
		print_text()
}
