/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * driver.c - runs a fuzz target over the files it is given, without a fuzzer
 *
 * With this main() a corpus is a test in every build, by any compiler. Arguments are files or
 * folders; "ok NAME" is printed for each input that the target survived.
 */
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void fail(const char *path)
{
	perror(path);
	exit(1);
}

static void run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		fail(path);

	struct stat st;
	if (fstat(fileno(file), &st) < 0)
		fail(path);

	/* Exactly as large as the input, so that the sanitizer sees the first byte read beyond it. */
	size_t bytes = (size_t)st.st_size;
	uint8_t *data = malloc(bytes ? bytes : 1);
	if (!data || fread(data, 1, bytes, file) != bytes)
		fail(path);
	fclose(file);

	fprintf(stderr, "run %s\n",
		path); /* names the culprit when the next line does not return */
	LLVMFuzzerTestOneInput(data, bytes);
	free(data);
	printf("ok %s\n", path);
	fflush(stdout);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void run_folder(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, is_visible, alphasort);
	if (n < 0)
		fail(path);

	for (int i = 0; i < n; i++) {
		char *file;
		if (asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0)
			fail(path);
		run_file(file);
		free(file);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct stat st;
		if (stat(argv[i], &st) < 0)
			fail(argv[i]);
		if (S_ISDIR(st.st_mode))
			run_folder(argv[i]);
		else
			run_file(argv[i]);
	}
	return 0;
}
