/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * load.c - "prog load" and "prog loadall"
 */
#include "load.h"

#include "base/error.h"
#include "load/print.h"
#include "show.h"

static int check_words(const struct cli *cli, const struct load_args *load, bool is_all,
		       struct inspect_error *err)
{
	bool uses_loader = cli->options.use_loader && !is_all;

	if (load->dev && load->offload_dev)
		return inspect_fail(err, INSPECT_EUSAGE, "offload_dev already specified");
	if (!load->path && !uses_loader) {
		inspect_fail(err, INSPECT_EUSAGE, "expected PATH");
		return inspect_hint(err, "%s",
				    is_all ? "a directory to pin programs in"
					   : "where to pin the program");
	}
	if (uses_loader && (load->attaches || load->kernel_btf))
		return inspect_fail(err, INSPECT_EUSAGE,
				    "'%s' is not compatible with the option -L",
				    load->attaches ? "autoattach" : "kernel_btf");
	return 0;
}

static int run(struct cli *cli, const struct load_args *load, bool is_all,
	       struct inspect_error *err)
{
	const struct inspect_note note = { show_note_text, cli };
	const struct inspect_load_spec spec = {
		.file = load->file,
		.type = load->type,
		.reuse = load->reuse.reuse,
		.n_reuse = load->reuse.n,
		.offload_device = load->dev ? load->dev : load->offload_dev,
		.metadata_device = load->metadata_dev,
		.kernel_btf = load->kernel_btf,
		.attaches = load->attaches,
		.uses_loader = cli->options.use_loader && !is_all,
		.is_lenient = cli->options.is_lenient,
		.log_level = cli->options.is_debug ? INSPECT_LOG_ALL
			     : load->log_file	   ? INSPECT_LOG_FAILURE
						   : 0,
	};
	const struct print_load how = {
		.spec = &spec,
		.path = load->path,
		.maps_dir = load->maps_dir,
		.is_all = is_all,
		.no_mount = cli->options.no_mount,
		.log_file = load->log_file,
		.people = cli->err,
		.debug = cli->options.is_debug ? cli->err : NULL,
		.note = &note,
	};

	int r = check_words(cli, load, is_all, err);
	if (r < 0)
		return inspect_context(err, "prog %s", is_all ? "loadall" : "load");
	return print_load(cli->inspect, cli->sink, &how, err);
}

int load_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	return run(cli, args, false, err);
}

int loadall_run(struct cli *cli, const void *args, struct inspect_error *err)
{
	return run(cli, args, true, err);
}
