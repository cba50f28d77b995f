/* power-cut FOLDER: the ext4 below it stops at once, as in a power cut; what was not synced to its device is lost. */
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define EXT4_IOC_SHUTDOWN _IOR('X', 125, __u32)
#define NO_LOG_FLUSH 2

int main(int argc, char **argv) {
  __u32 flag = NO_LOG_FLUSH;
  int folder = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  if (folder < 0 || ioctl(folder, EXT4_IOC_SHUTDOWN, &flag) != 0) {
    perror("power-cut");
    return 1;
  }
  return 0;
}
